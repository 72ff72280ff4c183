import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connector } from '../../connectors/postgres-role';
import type { Call, Subject } from '../../core/call';
import type { Material } from '../../core/material';
import { samePrincipal, sessionsOf } from '../../core/run/pair';
import { SLOWING } from '../../lambdas/steps/prove/rounds';
import type { Held } from '../../lambdas/steps/subject';
import type { SeededIdentity } from '../../test/support/postgres-identity';
import { subjectOf, type Strategy } from './subject';

const { operations, probe, descriptor } = connector;
const TIMEOUT_MS = 10_000;
const PATH = { id: 'direct' };

interface Authorities {
  readonly admin: Call;
  readonly control: Call;
}

/**
 * What a script would do without evidence, vault, lease or engine: the calls at the target that the steps make in a
 * rotation, in their order and at their pace. That they are the same calls is checked, see seen.ts.
 */
export function bareRotation(identity: SeededIdentity, strategy: Strategy): () => Promise<void> {
  const subject = subjectOf(identity, strategy);
  let fence = 0;
  let current = startOf(identity, subject);
  return async () => {
    fence += 1;
    const as = { admin: callOf(identity, 'admin', fence), control: callOf(identity, 'control', fence) };
    current = await rotate(subject, current, as);
  };
}

async function rotate(subject: Subject, old: Held, as: Authorities): Promise<Held> {
  const { fresh, cut } = await mint(subject, old, as.admin);
  await presented(subject, [fresh], 'accepted', as.control);
  await presented(subject, [fresh], 'accepted', as.control);
  const scope = sessionsOf({ cut, cutFrom: null }, fresh, old);
  if (!samePrincipal(fresh, old)) await operations.suspend(subject, old, as.admin);
  await operations.endSessions(subject, old, scope, as.admin);
  await operations.countSessions(subject, old, scope, as.admin);
  await refused(subject, [fresh, old], as.control);
  const { count } = await operations.countSessions(subject, old, scope, as.control);
  if (count !== 0)
    throw new Error(`${count} session(s) of the old credential of ${subject.identityId} are left`);
  if (!samePrincipal(fresh, old)) await operations.revoke(subject, old, 'keepPrincipal', as.admin);
  return fresh;
}

async function mint(
  subject: Subject,
  old: Held,
  admin: Call,
): Promise<{ readonly fresh: Held; readonly cut: string | null }> {
  await operations.preflight(subject, old, admin);
  await operations.list(subject, admin);
  const minted = await operations.mint(subject, old.material, admin);
  const fresh = { versionId: randomUUID(), ...minted };
  const { cut } = await operations.apply(subject, fresh, fresh.material, admin);
  return { fresh, cut: cut ?? null };
}

/** As many refusals as count, a period from the start of one round to the start of the next. */
async function refused(subject: Subject, cast: readonly Held[], control: Call): Promise<void> {
  const { refusals, periodMs } = descriptor.settle;
  const started = performance.now();
  for (let round = 1; round <= refusals; round += 1) {
    const began = performance.now();
    await presented(subject, cast, 'refused', control);
    const ended = performance.now();
    if (round < refusals) await sleep(Math.max(periodMs - (ended - began), (ended - started) * SLOWING));
  }
}

/** One round: the positive control where there is one, the credential in question, a random one. */
async function presented(
  subject: Subject,
  cast: readonly Held[],
  want: 'accepted' | 'refused',
  control: Call,
): Promise<void> {
  const last = cast.at(-1);
  if (!last) return;
  const stranger = { ...last, material: probe.randomLike(last.material, control) };
  for (const held of [...cast, stranger]) {
    const { verdict } = await probe.observe(subject, held, held.material, PATH, control);
    const wanted = held === stranger ? 'refused' : held === last ? want : 'accepted';
    if (verdict.state !== wanted)
      throw new Error(`a login of ${subject.identityId} was ${verdict.state}, not ${wanted}`);
  }
}

function startOf(identity: SeededIdentity, subject: Subject): Held {
  const material = secretOf(identity, 'identity');
  return { versionId: randomUUID(), remoteId: operations.remoteIdOf(subject, material) ?? '', material };
}

function callOf(identity: SeededIdentity, use: 'admin' | 'control', fence: number): Call {
  const authority = secretOf(identity, use);
  return {
    runId: 'bare',
    fence,
    authority,
    timeoutMs: TIMEOUT_MS,
    random: randomBytes,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => sleep(ms),
  };
}

function secretOf({ id, secrets }: SeededIdentity, use: 'identity' | 'admin' | 'control'): Material {
  const found = Object.values(secrets).find((secret) => secret.use === use);
  if (found) return found.material;
  throw new Error(`identity ${id} was seeded without a secret for ${use}`);
}
