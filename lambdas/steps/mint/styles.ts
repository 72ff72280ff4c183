import type { Call, Subject } from '../../../core/call';
import type { MutatorDeps } from '../deps';
import type { Held } from '../subject';
import type { Census } from './census';
import { fingerprinted, keep, keptEarlier, type Drawn, type Made, type Making } from './making';
import { revokeOrphans } from './orphans';

/** Of chosen kinds, makes the value and its fingerprint. Nothing is touched by it, so it needs no claim and no intent. */
export async function draw(
  deps: Pick<MutatorDeps, 'connector' | 'fingerprints'>,
  subject: Subject,
  current: Held,
  call: Call,
): Promise<Drawn> {
  return fingerprinted(deps, await deps.connector.operations.mint(subject, current.material, call));
}

/** Makes the candidate the way its kind can. */
export async function make(deps: MutatorDeps, making: Making, found: Census): Promise<Made> {
  switch (deps.connector.descriptor.issueStyle) {
    case 'chosen':
      return chosen(deps, making);
    case 'issued':
      return issued(deps, making, found);
    default:
      return deps.connector.descriptor.issueStyle satisfies never;
  }
}

/**
 * We make the value: durable first and applied only then, so that a crash between the two never leaves a live value
 * that nobody holds (hashicorp/vault#6042).
 */
async function chosen(deps: MutatorDeps, making: Making): Promise<Made> {
  const { operations } = deps.connector;
  const { subject, current, call, drawn } = making;
  const candidate =
    (await keptEarlier(deps, making)) ??
    (await keep(deps, making, await (drawn ?? draw(deps, subject, current, call))));
  return { ...candidate, change: await operations.apply(subject, candidate, candidate.material, call) };
}

/**
 * The issuer makes the value. The intent stands already; what comes back goes into the vault at once. A crash between
 * the two leaves an orphan: the next worker finds it by its label, revokes it, and only then asks for another.
 */
async function issued(deps: MutatorDeps, making: Making, found: Census): Promise<Made> {
  const { subject, current, call } = making;
  const detail = await revokeOrphans(deps, subject, found.orphans, call);
  const said = detail === undefined ? {} : { detail };
  const earlier = await keptEarlier(deps, making);
  if (earlier) return { ...earlier, ...said, change: { effect: 'alreadySo' } };
  const { requestId, ...minted } = await deps.connector.operations.issue(subject, current.material, call);
  const candidate = await keep(deps, making, await fingerprinted(deps, minted));
  return {
    ...candidate,
    ...said,
    change: { effect: 'applied', ...(requestId !== undefined && { requestId }) },
  };
}
