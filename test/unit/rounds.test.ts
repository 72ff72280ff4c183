import { connector } from '../../connectors/postgres-role';
import type { Subject } from '../../core/call';
import { Material } from '../../core/material';
import { probe } from '../../lambdas/steps/prove/rounds';
import { callAs } from '../support/postgres';

const PERIOD_MS = 100;
const subject: Subject = { identityId: 'orders-db', strategy: 'alternating', target: {} };
const material = new Material({ username: 'orders', password: 'any' });
const held = { versionId: 'v1', remoteId: 'orders', material };

/** When each of `rounds` rounds began, on a clock that only presentations and waits move. */
async function beginnings(presentationMs: number, rounds: number): Promise<readonly number[]> {
  let now = 0;
  const began: number[] = [];
  const deps = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
    connector: {
      ...connector,
      descriptor: { ...connector.descriptor, settle: { refusals: 3, windowSeconds: 0, periodMs: PERIOD_MS } },
      probe: {
        ...connector.probe,
        observe: async () => {
          if (began.length * 2 === presented) began.push(now);
          presented += 1;
          now += presentationMs;
          return { verdict: { state: 'accepted' }, rawCode: '00000', latencyMs: presentationMs } as const;
        },
      },
    },
  };
  let presented = 0;
  const cast = { subject: held, subjectIs: 'old', positive: undefined, positiveIs: 'control' } as const;
  const scene = { subject, call: callAs(material), paths: [{ id: 'direct' }], cast };
  await probe(deps, scene, (seen) => seen.length === rounds);
  return began;
}

it('begins a round every period, however long the one before took', async () => {
  expect(await beginnings(5, 4)).toEqual([0, 100, 200, 300]);
  expect(await beginnings(40, 4)).toEqual([0, 100, 200, 300]);
});

it('waits a share of the time that has passed where rounds take longer than the period', async () => {
  const [first, second, third] = await beginnings(100, 3);
  expect([first, second, third]).toEqual([0, 210, 430.5]);
});
