import type { Material } from '../../../../core/material';
import type { MemoryApp } from '../../../support/memory-app';
import { leaks, type Sink } from '../../../support/canary-scan';
import { secretsIn } from '../../../support/canary-secrets';
import type { Machine } from '../fault';
import type { Journal } from '../journal';
import { DRIVER_SECRET } from '../strike';
import type { TrialIdentity } from '../world';
import { runViolations } from './runs';
import type { Violation } from './violation';

// What must hold of a trial, asked of the target, the stores and the bytes of the records. It shares no code with what
// it checks: the records are parsed and hashed, and the logins made, by its own means.

/** A trial that has come to rest. */
export interface Rested {
  readonly machine: Machine;
  readonly app: MemoryApp;
  readonly identity: TrialIdentity;
  readonly journal: Journal;
  /** Every version the vault was ever given, and what it began with, by its id. */
  readonly materials: ReadonlyMap<string, Material>;
  /** What was at the target before. */
  readonly baseline: readonly string[];
  /** ARNs of every execution. */
  readonly executions: readonly string[];
}

/** Everything that is wrong; empty when all is well. */
export async function violationsOf(rested: Rested): Promise<readonly Violation[]> {
  const { journal, app } = rested;
  const found: Violation[] = journal.lockedOut.map((what) => ({ condition: 1, what }));
  const runIds = new Set(journal.seen.flatMap((event) => (event.what === 'record' ? [event.runId] : [])));
  for (const runId of runIds) {
    const [run, proof] = [
      await app.deps.evidence.read('RUN', runId),
      await app.deps.evidence.read('PROOF', runId),
    ];
    found.push(...runViolations({ runId, run, proof }, journal));
  }
  found.push(...(await credentialViolations(rested)), ...(await leftOver(rested)));
  found.push(...valuesOf(journal), ...(await leaked(rested)));
  return found;
}

/** What is alive that must not be, at a moment when a run is green. Condition 2. */
export async function falselyGreen({
  machine,
  app,
  identity,
  materials,
}: Rested): Promise<readonly Violation[]> {
  const { current } = await app.deps.vault.labels(identity.secret);
  const found: Violation[] = [];
  for (const [id, material] of materials) {
    if (machine === 'Rotation' && id === current) continue;
    if (await identity.accepts(material))
      found.push({ condition: 2, what: `green, and version ${id} is accepted` });
  }
  const [first] = materials.keys();
  const sessions = machine === 'Rotation' && first === current ? 0 : await identity.oldSessions();
  if (sessions > 0) found.push({ condition: 2, what: `green, and ${sessions} old session(s) live` });
  return found;
}

async function credentialViolations(rested: Rested): Promise<readonly Violation[]> {
  const { machine, app, identity, materials } = rested;
  const found: Violation[] = [];
  const { current } = await app.deps.vault.labels(identity.secret);
  // An emergency that could not even open is red and has promised nothing.
  if (machine === 'Revocation' && (await app.deps.registry.identity(identity.id))?.revoked === undefined)
    return [];
  const outcomes = (await app.deps.registry.runs({ identityId: identity.id, limit: 100 })).map(
    (run) => run.outcome,
  );
  if (outcomes.includes('verified')) found.push(...(await falselyGreen(rested)));
  for (const [id, material] of materials) {
    const accepted = await identity.accepts(material);
    if (machine === 'Rotation' && id === current) {
      if (!accepted) found.push({ condition: 1, what: 'the current credential is not accepted' });
    } else if (accepted) found.push({ condition: 6, what: `version ${id} is accepted and in force nowhere` });
  }
  return found;
}

/** How many objects let nobody in. */
function closed(objects: readonly string[]): number {
  return objects.filter((each) => !each.endsWith(' may log in')).length;
}

async function leftOver({
  machine,
  app,
  identity,
  baseline,
  materials,
}: Rested): Promise<readonly Violation[]> {
  const { registry, vault } = app.deps;
  const found: string[] = [];
  const row = await registry.identity(identity.id);
  if (row?.lease) found.push(`the lease of ${row.lease.runId} is still held`);
  for (const open of await registry.openRuns()) found.push(`run ${open.runId} is still open`);
  for (const owed of await registry.obligationsOf(identity.id))
    if (machine === 'Rotation' || owed.type !== 'removal')
      found.push(`still owed: ${owed.type} of ${owed.versionId}`);
  const { current, pending } = await vault.labels(identity.secret);
  if (machine === 'Rotation' && pending !== undefined && pending !== current)
    found.push('a pending version is left in the vault');
  const objects = await identity.objects(materials.get(current ?? ''));
  if (machine === 'Rotation' && objects.length !== baseline.length)
    found.push(
      `the target held ${baseline.length} object(s) and holds ${objects.length}: ${objects.join(', ')}`,
    );
  if (machine === 'Rotation' && closed(objects) !== closed(baseline))
    found.push(`other objects may log in than before: ${objects.join(', ')}`);
  const open = objects.length - closed(objects);
  if (machine === 'Revocation' && row?.revoked !== undefined && open > 0)
    found.push(`revoked, and ${open} of ${objects.join(', ')}`);
  const strange = objects.filter(
    (name) => !baseline.some((each) => each.split(' ')[0] === name.split(' ')[0]),
  );
  if (strange.length > 0) found.push(`left at the target: ${strange.join(', ')}`);
  return found.map((what) => ({ condition: 6, what }));
}

/** One version is never applied with two values. Condition 7. */
function valuesOf({ seen }: Journal): readonly Violation[] {
  const values = new Map<string, Set<string>>();
  for (const event of seen)
    if (event.what === 'applied')
      values.set(event.versionId, (values.get(event.versionId) ?? new Set()).add(event.value));
  return [...values]
    .filter(([, of]) => of.size > 1)
    .map(([id, of]) => ({ condition: 7, what: `version ${id} was applied with ${of.size} values` }));
}

async function leaked({
  app,
  identity,
  journal,
  materials,
  executions,
}: Rested): Promise<readonly Violation[]> {
  const { registry, evidence, vault } = app.deps;
  const secrets = new Map([['the error of a driver', DRIVER_SECRET]]);
  const keep = (name: string, material: Material) => {
    for (const [field, value] of secretsIn(material)) secrets.set(`${field} of ${name}`, value);
  };
  for (const [id, material] of materials) keep(id, material);
  for (const name of identity.others) keep(name, (await vault.readCurrent(name)).material);
  const bodies: string[] = [];
  for (const runId of new Set(
    journal.seen.flatMap((event) => (event.what === 'record' ? [event.runId] : [])),
  ))
    for (const chain of ['RUN', 'PROOF'] as const)
      bodies.push(...(await evidence.read(chain, runId)).map(({ body }) => body));
  const rows = [await registry.standing(identity.id), await registry.runs({ limit: 100 })];
  const sinks: readonly Sink[] = [
    { name: 'the log', text: journal.lines.join('\n') },
    { name: 'the evidence', text: bodies.join('\n') },
    { name: 'the registry', text: JSON.stringify(rows) },
    { name: 'the executions', text: JSON.stringify(executions.map((arn) => app.states.record(arn))) },
  ];
  return leaks(sinks, secrets).map((what) => ({ condition: 5, what }));
}
