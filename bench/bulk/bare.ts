import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connector } from '../../connectors/postgres-role';
import type { Call, Subject } from '../../core/call';
import type { Material } from '../../core/material';
import type { Fleet, FleetRole } from '../../test/support/fleet';

const { operations, probe, descriptor } = connector;
const TIMEOUT_MS = 10_000;
const PATH = { id: 'direct' };

/**
 * What a script would do in an emergency: the calls at the target that a revocation makes, in their order and at their
 * pace, without evidence, registry or engine, so many roles at once.
 * @returns milliseconds until the last role's last refusal
 */
export async function bareLoop(fleet: Fleet, atOnce: number): Promise<number> {
  const started = performance.now();
  const left = [...fleet.roles];
  let last = 0;
  const worker = async (): Promise<void> => {
    for (let role = left.shift(); role; role = left.shift()) {
      const refusedAt = await revoked(fleet, role);
      last = Math.max(last, refusedAt - started);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return last;
}

/**
 * Revokes one role as a script would.
 * @returns when it was refused for the last time, on the monotonic clock
 */
export async function revoked(fleet: Fleet, { id, role, policy, material }: FleetRole): Promise<number> {
  const target: unknown = descriptor.target.parse(policy.target);
  const subject: Subject = { identityId: id, strategy: 'in-place', target };
  const version = { versionId: 'current', remoteId: role };
  const admin = callOf(fleet.admin);
  await operations.countSessions(subject, version, {}, admin);
  await operations.suspend(subject, version, admin);
  await operations.endSessions(subject, version, {}, admin);
  await operations.countSessions(subject, version, {}, admin);
  await operations.list(subject, admin);
  const control = callOf(fleet.control);
  const live = operations.list(subject, control);
  for (let round = 1; round <= descriptor.settle.refusals; round += 1) {
    if (round > 1) await sleep(descriptor.settle.periodMs);
    await present(subject, 'control', fleet.control, 'accepted', control);
    await present(subject, role, material, 'refused', control);
    await present(subject, role, probe.randomLike(material, control), 'refused', control);
  }
  const refusedAt = performance.now();
  await operations.countSessions(subject, version, {}, control);
  await live;
  await operations.revoke(subject, version, 'removePrincipal', admin);
  return refusedAt;
}

async function present(
  subject: Subject,
  remoteId: string,
  material: Material,
  want: 'accepted' | 'refused',
  call: Call,
): Promise<void> {
  const { verdict } = await probe.observe(subject, { versionId: '', remoteId }, material, PATH, call);
  if (verdict.state !== want)
    throw new Error(`a login of ${subject.identityId} was ${verdict.state}, not ${want}`);
}

function callOf(authority: Material): Call {
  return {
    runId: 'bare',
    fence: 1,
    authority,
    timeoutMs: TIMEOUT_MS,
    random: randomBytes,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => sleep(ms),
  };
}
