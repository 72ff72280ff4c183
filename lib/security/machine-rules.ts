import * as z from 'zod/mini';
import { allStates, type Machine, type State } from './definition';
import type { Finding } from './finding';
import { text, type SynthesisedApp } from './template';

const logging = z.object({
  Level: z.literal('ALL'),
  IncludeExecutionData: z.literal(false),
  Destinations: z.array(z.unknown()).check(z.minLength(1)),
});

/** Machines whose log is missing, is not of every event, or holds the data of executions. */
export function logSettings(machines: readonly Machine[]): readonly Finding[] {
  return machines
    .filter(({ resource }) => !logging.safeParse(resource.properties['LoggingConfiguration']).success)
    .map(({ resource: { where, properties } }) => ({
      rule: 'log-settings',
      where,
      what: text(properties['LoggingConfiguration'] ?? 'no log'),
    }));
}

/** Calls whose answer is material, so that a state which makes one holds it, whatever it hands on. */
const revealing = [
  'secretsmanager:getSecretValue',
  'secretsmanager:batchGetSecretValue',
  'secretsmanager:getRandomPassword',
  'ssm:getParameter',
  'ssm:getParameters',
  'ssm:getParametersByPath',
  'kms:decrypt',
  'kms:generateDataKey',
  'kms:generateDataKeyPair',
  'kms:generateRandom',
  'sts:assumeRole',
  'sts:getSessionToken',
  'iam:createAccessKey',
  'iam:createServiceSpecificCredential',
].map((call) => call.toLowerCase());

/** Names under which material travels. A task token is none: it ends one wait and opens nothing. */
const material =
  /\b(secret_?(string|binary|value|access_?key)|pass(word|wd|phrase)|private_?key|client_?secret|session_?token|api_?key_?value|plain_?text|connection_?string|credentials?\.value)\b/i;

/** Fields of a state in which data travels; comments and the like are prose. */
const carrying = [
  'Arguments',
  'Parameters',
  'Assign',
  'Output',
  'Result',
  'ResultSelector',
  'ItemSelector',
  'ItemBatcher',
  'Items',
  'Error',
  'Cause',
  'Choices',
  'Catch',
  'Credentials',
] as const;

/**
 * Secrets that a definition itself would put into state. The walk sees a state that calls a service whose answer is
 * material (`aws-sdk:secretsmanager:getSecretValue` and its like), and a key or a JSONata expression that names material
 * (`SecretString`, `password`, `privateKey` and their like) in a field that carries data: arguments, output, variables,
 * an error or its cause, a condition. It does not see what a function answers: that is what the canary scan of the
 * tests looks at, which reads every state, log and record of real runs.
 */
export function secretsInState(machines: readonly Machine[]): readonly Finding[] {
  return machines.flatMap(({ resource: { where }, top }) =>
    allStates(top).flatMap(([name, state]) =>
      [...revealed(state), ...named(state)].map((what) => ({
        rule: 'secret-in-state',
        where,
        what: `state ${name}: ${what}`,
      })),
    ),
  );
}

/** Values that CloudFormation would write into the template's own resources, from Secrets Manager or as plain text. */
export function dynamicSecrets({ resources }: SynthesisedApp): readonly Finding[] {
  return resources.flatMap(({ where, properties }) =>
    [...JSON.stringify(properties).matchAll(/\{\{resolve:(secretsmanager|ssm-secure|ssm):[^}]*\}\}/g)].map(
      ([what]) => ({ rule: 'secret-in-template', where, what }),
    ),
  );
}

function revealed({ Resource: resource = '' }: State): readonly string[] {
  const call = /:aws-sdk:([^:]+:[^.:]+)/.exec(resource)?.[1]?.toLowerCase() ?? '';
  return revealing.includes(call) ? [`calls ${resource}`] : [];
}

function named(state: State): readonly string[] {
  return carrying.flatMap((field) => mentions(state[field], field));
}

function mentions(value: unknown, at: string): readonly string[] {
  if (typeof value === 'string')
    return isExpression(value) && material.test(value) ? [`${at} = ${value}`] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, each]) => [
    ...(material.test(key) ? [`${at}.${key}`] : []),
    ...mentions(each, Array.isArray(value) ? at : `${at}.${key}`),
  ]);
}

function isExpression(value: string): boolean {
  return value.startsWith('{%') || value.startsWith('$');
}
