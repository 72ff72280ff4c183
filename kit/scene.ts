import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../core/call';
import type { Connector, Descriptor } from '../core/connector';
import { Failure } from '../core/failure';
import type { Material } from '../core/material';
import { paceOf } from '../core/pace';
import type { Verdict } from '../core/probe';
import type { Bench, Given, Held, Presented } from './fixture';

/** What one case works with: the connector under test, a server, an identity made for this case alone. */
export interface Scene {
  readonly connector: Connector;
  readonly bench: Bench;
  readonly given: Given;
}

/** One claim about every connector that it applies to. `run` answers what was seen; it passes when that is `expected`. */
export interface KitCase {
  readonly name: string;
  readonly expected: string;
  readonly appliesTo: (descriptor: Descriptor) => 'yes' | 'no';
  run(scene: Scene): Promise<string>;
}

export const always = (): 'yes' => 'yes';

/** Applies to kinds that declare all of these. */
export function having(...capabilities: Descriptor['capabilities']): KitCase['appliesTo'] {
  return (descriptor) =>
    capabilities.every((capability) => descriptor.capabilities.includes(capability)) ? 'yes' : 'no';
}

export const RUN_ID = 'kit-run';
const TIMEOUT_MS = 5_000;

/** A call as a step makes it. */
export function callWith(authority: Material, changes: Partial<Call> = {}): Call {
  return {
    runId: RUN_ID,
    fence: 1,
    authority,
    timeoutMs: TIMEOUT_MS,
    random: randomBytes,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => sleep(ms),
    ...changes,
  };
}

/** Presents a credential through the connector's own probe. */
export async function present(
  { connector, given }: Pick<Scene, 'connector' | 'given'>,
  { subject, version, material, path, call }: Presented = {},
): Promise<Verdict> {
  const observation = await connector.probe.observe(
    subject ?? given.subject,
    version ?? given.current,
    material ?? given.current.material,
    path ?? { id: 'direct' },
    callWith(given.control, call),
  );
  return observation.verdict;
}

/** Presents a credential again and again until the verdict is `wanted` or the kind's own time is over. */
export async function presentUntil(
  scene: Scene,
  presented: Presented,
  wanted: Verdict['state'],
): Promise<Verdict['state']> {
  const { settle, probeBudgetSeconds } = paceOf(scene.connector.descriptor, scene.given.subject);
  const deadline = performance.now() + Math.min(10, probeBudgetSeconds) * 1_000;
  for (;;) {
    const { state } = await present(scene, presented);
    if (state === wanted || performance.now() >= deadline) return state;
    await sleep(settle.periodMs);
  }
}

/** A candidate that the target accepts, made the way the kind makes one. */
export async function made({ connector, given }: Scene, call = callWith(given.admin)): Promise<Held> {
  const { operations, descriptor } = connector;
  if (descriptor.issueStyle === 'issued') {
    const issued = await operations.issue(given.subject, given.current.material, call);
    return { versionId: 'kit-candidate', ...issued };
  }
  const minted = await operations.mint(given.subject, given.current.material, call);
  const candidate = { versionId: 'kit-candidate', ...minted };
  await operations.apply(given.subject, candidate, candidate.material, call);
  return candidate;
}

/** What work ended with: the answer in words, or the failure's code and effect. */
export async function endOf(work: () => Promise<unknown>): Promise<string> {
  try {
    const answer = await work();
    if (answer !== null && typeof answer === 'object' && 'effect' in answer) return String(answer.effect);
    return 'answered';
  } catch (error) {
    if (error instanceof Failure) return `${error.name} (${error.effect})`;
    throw error;
  }
}

/** Whether a change went through; being done already is as good. */
export function wentThrough(end: string): string {
  return ['applied', 'alreadySo', 'notApplicable', 'answered'].includes(end) ? 'done' : end;
}
