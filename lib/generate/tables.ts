import { capabilities } from '../../core/capability';
import type { Descriptor } from '../../core/connector';
import { categoryOf, failureCodes, type FailureCategory } from '../../core/failure-category';
import { stepContracts, timeoutSeconds } from '../../lambdas/steps/contracts';
import { closeAtOnce, retryRules } from '../workflow/retries';
import { page, table } from './markdown';
import type { Generated } from './sources';

const meaning: Readonly<Record<FailureCategory, string>> = {
  refused: 'found before anything was changed; the run closes as refused',
  busy: 'another worker may still act for the same step; the step waits and repeats',
  fenced: 'a newer run owns the identity; the run stops without touching anything',
  transient: 'the far side did not answer; the step repeats',
  verdict: 'the live system was asked and did not prove the stage',
  permanent: 'repeating the same call cannot help',
};

/** The tables of docs/generated. */
export function docTables(descriptors: readonly Descriptor[]): readonly Generated[] {
  return [failures(), steps(), connectors(descriptors)];
}

function failures(): Generated {
  const rows = failureCodes.map((code) => {
    const category = categoryOf(code) ?? 'permanent';
    const rule = retryRules.find(({ errors }) => errors.includes(code));
    return [
      code,
      category,
      meaning[category],
      rule === undefined ? 'no' : `up to ${rule.maxAttempts} times`,
      ending(code),
    ];
  });
  const text = page('Failure codes', [
    'Every error of a step has one of these names. In a state machine it is the error, with a sentence as its cause.',
    table(['code', 'category', 'meaning', 'repeated', 'in a rotation'], rows),
  ]);
  return { file: 'docs/generated/failure-codes.md', text };
}

function ending(code: string): string {
  return closeAtOnce.some((each) => each === code)
    ? 'closes at once'
    : 'undone before the old credential is retired, else owed';
}

function steps(): Generated {
  const rows = Object.entries(stepContracts).map(([name, contract]) => {
    const { function: role, nature, does } = contract;
    return [name, role, nature, `${timeoutSeconds[role]} s`, does];
  });
  const text = page('Steps', [
    'A step is a state of a machine, a stage in evidence, and a call of one function.',
    table(['step', 'function', 'nature', 'at most', 'does'], rows),
  ]);
  return { file: 'docs/generated/steps.md', text };
}

function connectors(descriptors: readonly Descriptor[]): Generated {
  const rows = descriptors.map((each) => [
    `[${each.kind}](../../connectors/${each.kind}/README.md)`,
    each.title,
    each.maturity,
    Object.entries(each.strategies)
      .map(([name, { overlap }]) => `${name} (${overlap})`)
      .join(', '),
    each.sessions,
  ]);
  const text = page('Connectors', [
    'What each credential kind declares. A policy that asks for more is a design gap and does not deploy.',
    table(['kind', 'credential', 'maturity', 'strategies', 'sessions'], rows),
    '## Support matrix',
    'A capability is a method, and the kit runs its cases over every kind that declares it (`npm run kit`).',
    supportMatrix(descriptors),
    '## What lives on',
    table(
      ['kind', 'what was made from the credential'],
      descriptors.map(({ kind, derived }) => [kind, derived]),
    ),
  ]);
  return { file: 'docs/generated/connectors.md', text };
}

function supportMatrix(descriptors: readonly Descriptor[]): string {
  const facts = [
    ['issue style', ...descriptors.map(({ issueStyle }) => issueStyle)],
    ...capabilities.map((name) => [
      name,
      ...descriptors.map((each) => (each.capabilities.includes(name) ? 'yes' : '–')),
    ]),
    ['seen everywhere after', ...descriptors.map((each) => propagation(each))],
    ['tested against', ...descriptors.map(({ testedAgainst: { nature, what } }) => `${nature}: ${what}`)],
  ];
  return table(['', ...descriptors.map(({ kind }) => kind)], facts);
}

function propagation({ paceOf, propagationSeconds }: Descriptor): string {
  return paceOf === undefined ? `${propagationSeconds} s` : 'what the policy says';
}
