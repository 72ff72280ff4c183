import { matrix, type Mutant } from './mutant';

const repeated = matrix('ends verified all the same when a worker of it dies-after-effect');
const slice = matrix('holds on the model, for a slice with every state and every kind');
const leases = (test: string) => ({ file: 'test/contract/stores-memory.test.ts', test });

const lateMint = {
  file: 'test/fault/late-mint.test.ts',
  test: 'leaves nothing behind, whenever a second Mint comes',
};

/** Changes that lose what is owed, what is recorded, or who may act. */
export const ofEffects: readonly Mutant[] = [
  {
    name: 'an older fence may change the target',
    file: 'connectors/postgres-role/fence.ts',
    replace: 'if (held <= call.fence || held > call.fence + believable) return;',
    by: 'if (held >= 0) return;',
    caughtBy: {
      file: 'test/contract/postgres-role-faults.test.ts',
      test: 'refuses a lower fence than the one on the role',
    },
  },
  {
    name: 'an older fence may change the registry',
    file: 'core/registry/lease-rules.ts',
    replace: '  if (row.fence === fence) return;\n',
    by: '  if (row.fence >= 0 || fence >= 0) return;\n',
    caughtBy: leases('stores in memory'),
  },
  {
    name: 'a lease is given to a second run',
    file: 'core/registry/lease-rules.ts',
    replace: '  if (row.lease === undefined) return undefined;\n  return row.lease.runId',
    by: '  if (row.lease?.runId !== lease.runId) return undefined;\n  return row.lease.runId',
    caughtBy: leases('stores in memory'),
  },
  {
    name: 'two workers of a step may act at once',
    file: 'core/registry/lease-rules.ts',
    replace: 'if (row.busyUntil === undefined || row.busyUntil <= claim.now) return;',
    by: 'if (row.fence >= 0) return;',
    caughtBy: leases('stores in memory'),
  },
  {
    name: 'the effect comes before its intent',
    file: 'lambdas/steps/change.ts',
    replace: '  await ready;\n  const statement',
    by: "  await ready;\n  await act('first');\n  const statement",
    caughtBy: slice,
  },
  {
    name: 'a place in the chain that is taken counts as written',
    file: 'core/evidence/append.ts',
    replace: "  throw new Failure('FenceLost', message, 'none');",
    by: "  if (message !== '') return { head: headAfter(sealed), record: written, status: 'written' };\n  throw new Failure('FenceLost', message, 'none');",
    caughtBy: lateMint,
  },
  {
    name: 'a step that is repeated has another token',
    file: 'lambdas/steps/change.ts',
    replace: '  const item = intent.versionId ?? run.identityId;',
    by: '  const item = `${intent.versionId ?? run.identityId} ${deps.now()}`;',
    caughtBy: repeated,
  },
  {
    name: 'sessions of the old credential are not ended',
    file: 'lambdas/steps/retire/run.ts',
    replace: 'await operations.endSessions(subject, version, scope, call)',
    by: 'await operations.countSessions(subject, version, scope, call)',
    caughtBy: repeated,
  },
  {
    name: 'what is superseded is owed nothing',
    file: 'lambdas/steps/promote/run.ts',
    replace:
      '    await deps.registry.openObligation({\n      identityId: run.identityId,\n      versionId: supersededId,',
    by: '    await Promise.resolve({\n      identityId: run.identityId,\n      versionId: supersededId,',
    caughtBy: matrix('stays owed where the target refuses for good'),
  },
  {
    name: 'the way back does not put the old credential in force',
    file: 'lambdas/steps/reinstate/run.ts',
    replace: 'if (!samePrincipal(good, bad)) return',
    by: "if (stage !== 'Reassert' || !samePrincipal(good, bad)) return",
    caughtBy: {
      file: 'test/workflow/undo.test.ts',
      test: 'with the strategy in-place, a rotation is undone and the old credential works, when a consumer that reports',
    },
  },
  {
    name: 'the way back begins while a second Mint may be acting',
    file: 'lambdas/steps/reinstate/settled-on.ts',
    replace: '    assertNobodyMints(deps, run, row);\n',
    by: '',
    caughtBy: lateMint,
  },
  {
    name: 'the way back leaves the place of a second Mint free',
    file: 'lambdas/steps/reinstate/settled-on.ts',
    replace: 'if (isBarred(story)) return',
    by: 'if (isBarred(story) || look > 0) return',
    caughtBy: lateMint,
  },
  {
    name: 'a bulk revocation counts as its rows say',
    file: 'lambdas/steps/bulk/close.ts',
    replace: "if (shown.state === 'shown') return",
    by: "if (shown.state === 'shown' || verdict.verdict === 'done') return",
    caughtBy: {
      file: 'test/workflow/bulk-evidence.test.ts',
      test: 'nobody is counted as done by a row that says verified',
    },
  },
  {
    name: 'the way back trusts the labels that it read',
    file: 'lambdas/steps/promote/run.ts',
    replace: 'if (moved || labels.current === goodId) await',
    by: 'if (moved) await',
    caughtBy: matrix('puts the old credential back in force'),
  },
  {
    name: 'a revocation that has closed takes the identity again',
    file: 'lambdas/steps/contain/claim.ts',
    replace: '    await assertOpen(deps, run);\n',
    by: '',
    caughtBy: matrix('leaves nothing behind when a late delivery'),
  },
  {
    name: 'an error that is not foreseen says what the driver said',
    file: 'lambdas/runtime/safely.ts',
    replace: 'failed in a way that is not foreseen (${name} ${where})',
    by: 'failed in a way that is not foreseen (${name} ${where} ${String(error)})',
    caughtBy: matrix('stays owed where the target refuses for good'),
  },
  {
    name: 'a revocation is verified while a credential that turned up later lives',
    file: 'core/run/closing.ts',
    replace: 'if (contained.length > 0) return allDead(facts, contained);',
    by: 'if (contained.length > 0) return true;',
    caughtBy: {
      file: 'test/unit/revoking.test.ts',
      test: 'is not verified while a credential that turned up later',
    },
  },
  {
    name: 'what a credential derived is dated from the run that owes it alone',
    file: 'lambdas/steps/prove/refused-since.ts',
    replace: '  return owed ? owed.refusedIn : about;',
    by: '  return owed && about;',
    caughtBy: {
      file: 'test/workflow/issued.test.ts',
      test: 'is as old as the first refusal that Settle saw',
    },
  },
];
