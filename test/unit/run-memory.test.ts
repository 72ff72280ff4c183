import { MemoryVault } from '../../adapters/memory/vault';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import type { VaultMaterial } from '../../core/ports/vault';
import { RunMemory } from '../../lambdas/runtime/run-memory';
import type { StepEvent, Steps } from '../../lambdas/runtime/serve';

const MINUTE = 60_000;
const secret = 'gapless/orders-db';
const control = 'gapless/orders-db/control';

interface Reading {
  readonly vault: VaultMaterial;
}

/** A worker whose one step reads a version and the control credential, and the calls that its vault was asked for. */
function worker() {
  const stored = new MemoryVault();
  stored.create(secret, 'v1', new Material({ password: 'of the app' }));
  stored.create(control, 'c1', new Material({ password: 'first' }));
  const asked: string[] = [];
  const counting: VaultMaterial = {
    read: (name, versionId) => (asked.push(`${name} ${versionId}`), stored.read(name, versionId)),
    readCurrent: (name) => (asked.push(name), stored.readCurrent(name)),
    readAuthority: (name) => (asked.push(name), stored.readAuthority(name)),
  };
  const clock = { now: 0 };
  const memory = new RunMemory(() => clock.now);
  const deps: Reading = { vault: memory.over(counting) };
  const steps: Steps<Reading> = {
    Prove: async ({ vault }) => {
      const version = await vault.read(secret, 'v1');
      const { material } = await vault.readAuthority(control);
      return { version: version?.reveal('password'), control: material.reveal('password') };
    },
    Changes: async ({ vault }) => {
      const { versionId } = await vault.readAuthority(control);
      if (versionId === 'c1' && clock.now > 0)
        throw new Failure('AdminRightsMissing', 'The admin was refused.', 'none');
      return { by: versionId };
    },
    Twice: async ({ vault }) => {
      await vault.readAuthority(control);
      await vault.readAuthority(control);
      throw new Failure('AdminRightsMissing', 'The admin was refused.', 'none');
    },
    Refused: async () => {
      throw new Failure('Inconclusive', 'The control credential was refused.', 'none');
    },
    Current: async ({ vault }) => vault.readCurrent(secret),
    Unknown: async ({ vault }) => ({ found: (await vault.read(secret, 'v9')) !== undefined }),
  };
  const { Prove, Changes, Twice, Refused, Current, Unknown } = memory.around(steps);
  const run = (step: typeof Prove, runId: string) => step?.(deps, eventOf(runId));
  return { stored, asked, clock, run, Prove, Changes, Twice, Refused, Current, Unknown };
}

function unused(): never {
  throw new Error('not asked for here');
}

function eventOf(runId: string): StepEvent {
  const execution = { id: `arn:${runId}`, name: runId, startTime: '2026-11-26T00:00:00Z', redriveCount: 0 };
  const failure = { Error: 'Unknown', Cause: '' };
  const none = { input: {}, round: 1, token: '', failure, reissueFailure: undefined };
  return { execution, machine: 'rotation', run: unused, runId, ...none };
}

it('the next step of a run finds what the one before it has read', async () => {
  const { asked, run, Prove } = worker();
  const seen = await run(Prove, 'a');
  expect(await run(Prove, 'a')).toEqual(seen);
  expect(asked).toEqual([`${secret} v1`, control]);
});

it('another run reads for itself, and so does the first one after that', async () => {
  const { asked, run, Prove } = worker();
  await run(Prove, 'a');
  await run(Prove, 'b');
  await run(Prove, 'a');
  expect(asked.filter((name) => name === control)).toHaveLength(3);
});

it('after a step that failed, an authority that was replaced in the vault is found', async () => {
  const { stored, run, Prove, Refused } = worker();
  expect(await run(Prove, 'a')).toMatchObject({ control: 'first' });
  stored.create(control, 'c2', new Material({ password: 'second' }));
  await expect(run(Refused, 'a')).rejects.toThrow('refused');
  expect(await run(Prove, 'a')).toMatchObject({ control: 'second' });
});

it('a step that was refused with an authority from memory is repeated once, with the one that the vault holds now', async () => {
  const { stored, asked, clock, run, Changes, Twice } = worker();
  expect(await run(Changes, 'a')).toEqual({ by: 'c1' });
  clock.now = MINUTE;
  stored.create(control, 'c2', new Material({ password: 'second' }));
  expect(await run(Changes, 'a')).toEqual({ by: 'c2' });
  stored.create(control, 'c1', new Material({ password: 'first' }));
  await expect(run(Changes, 'b')).rejects.toThrow('The admin was refused.');
  expect(asked).toEqual([control, control, control]);
  // Whoever asked twice in one step was given nothing from an earlier one.
  await expect(run(Twice, 'c')).rejects.toThrow('The admin was refused.');
  expect(asked).toHaveLength(4);
});

it('nothing is kept for longer than five minutes', async () => {
  const { stored, clock, run, Prove } = worker();
  await run(Prove, 'a');
  stored.create(control, 'c2', new Material({ password: 'second' }));
  clock.now = 5 * MINUTE - 1;
  expect(await run(Prove, 'a')).toMatchObject({ control: 'first' });
  clock.now = 5 * MINUTE;
  expect(await run(Prove, 'a')).toMatchObject({ control: 'second' });
});

it('which version is current, and one that is not there yet, are asked for each time', async () => {
  const { asked, run, Current, Unknown } = worker();
  for (const step of [Current, Current, Unknown, Unknown]) await run(step, 'a');
  expect(asked).toEqual([secret, secret, `${secret} v9`, `${secret} v9`]);
});
