import type { Mutant } from './mutant';

const judge = (test: string) => ({ file: 'test/unit/judge.test.ts', test });
const verdicts = (test: string) => ({ file: 'test/contract/postgres-role-verdicts.test.ts', test });
const machines = (test: string) => ({ file: 'test/synth/machines.test.ts', test });
const verifier = (test: string) => ({ file: 'test/unit/verify-run.test.ts', test });

/** Changes that let something pass for proven that is not. */
export const ofProof: readonly Mutant[] = [
  {
    name: 'a rotation goes on without ProveOld',
    file: 'lib/workflow/rotation.ts',
    replace: "    .next(final('ProveOld'))\n",
    by: '',
    caughtBy: machines('enters twelve states when nothing goes wrong'),
  },
  {
    name: 'a candidate is promoted before it is proven',
    file: 'lib/workflow/rotation.ts',
    replace: "    .next(reversible('ProveNew'))\n    .next(reversible('Promote'))\n",
    by: "    .next(reversible('Promote'))\n    .next(reversible('ProveNew'))\n",
    caughtBy: machines('enters twelve states when nothing goes wrong'),
  },
  {
    name: 'a run is verified without a refusal of the old credential',
    file: 'core/run/closing.ts',
    replace: "return confirmed && isJudged(judged, 'ProveOld', pair.supersededId) && removed;",
    by: 'return confirmed && removed;',
    caughtBy: verifier('the outcome verified is not believed'),
  },
  {
    name: 'a target that cannot be reached counts as a refusal',
    file: 'connectors/postgres-role/probe.ts',
    replace: 'return inconclusive(`no answer that proves anything: ${raw}`);',
    by: "return { state: 'refused', signal: '28P01' };",
    caughtBy: verdicts('what proves nothing'),
  },
  {
    name: 'a server without a free connection counts as a refusal',
    file: 'connectors/postgres-role/probe.ts',
    replace: "return inconclusive('53300: the server has no free connection');",
    by: "return { state: 'refused', signal: '28P01' };",
    caughtBy: verdicts('a server that is full, or going down'),
  },
  {
    name: 'a refusal counts without its positive control',
    file: 'core/verdict/judge.ts',
    replace: "if (round.positive.state !== 'accepted')",
    by: "if (round.positive.state === 'refused' && round.at === -1)",
    caughtBy: judge('a refusal proves nothing'),
  },
  {
    name: 'a refusal counts without its random credential',
    file: 'core/verdict/judge.ts',
    replace:
      "if (round.negative.state !== 'refused')\n    return `a random credential was not refused: ${because(round.negative)}`;",
    by: '',
    caughtBy: judge('a refusal proves nothing'),
  },
  {
    name: 'the settle window is 0',
    file: 'core/verdict/judge.ts',
    replace: 'last - first >= rule.windowMs',
    by: 'last - first >= 0',
    caughtBy: judge('only when the refusals span the settle window'),
  },
  {
    name: 'one refusal is enough',
    file: 'core/verdict/judge.ts',
    replace: 'streak.length >= rule.refusals',
    by: 'streak.length >= 1',
    caughtBy: judge('a refusal proves nothing'),
  },
  {
    name: 'refusals before an acceptance still count',
    file: 'core/verdict/judge.ts',
    replace: '    streak = [];\n    cause = worth.cause;',
    by: '    cause = worth.cause;',
    caughtBy: judge('only from the first refusal after the last acceptance'),
  },
  {
    name: 'a refusal counts while a preempted worker may still act',
    file: 'core/verdict/judge.ts',
    replace: 'if (round.at <= rule.notBefore)',
    by: 'if (round.at < 0)',
    caughtBy: judge('a refusal proves nothing'),
  },
  {
    name: 'hashes of the records are not recomputed',
    file: 'core/evidence/verify.ts',
    replace: 'if (hash !== item.hash)',
    by: "if (hash === '')",
    caughtBy: verifier('shows when its bytes are changed'),
  },
  {
    name: 'links between the records are not followed',
    file: 'core/evidence/verify.ts',
    replace: 'if (record.prev !== head.prev)',
    by: "if (record.prev === '')",
    caughtBy: verifier('shows when its bytes and its hash are changed'),
  },
];
