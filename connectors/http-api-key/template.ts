import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { placeholder } from './schema';

/** What each placeholder of a request stands for; undefined where there is no such value. */
export type Values = (name: string) => string | undefined;

/** Values of a request to the admin side. */
export function adminValues({ identityId }: Subject, call: Call, id?: string): Values {
  return (name) => {
    if (name.startsWith('authority.')) return call.authority.reveal(name.slice('authority.'.length));
    return { identity: identityId, run: call.runId, id }[name];
  };
}

/** Fills a text in; `encode` makes a value safe where it lands. */
export function filled(text: string, values: Values, encode: (value: string) => string = asItIs): string {
  return text.replaceAll(placeholder, (_whole, name: string) => {
    const value = values(name);
    if (value === undefined || value === '') throw noValue(name);
    return encode(value);
  });
}

const asItIs = (value: string): string => value;

/** Fills every text inside a JSON value in; names of fields are left alone. */
export function filledJson(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return filled(value, values);
  if (Array.isArray(value)) return value.map((each) => filledJson(each, values));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledJson(each, values)]));
}

function noValue(name: string): Failure {
  const where = name.startsWith('authority.')
    ? 'the secret of target.admin or target.control has no such field'
    : 'there is no such value in this request';
  return new Failure(
    'AdminSecretMissing',
    `{${name}}: ${where}. Nothing was sent. Add it to the secret.`,
    'none',
  );
}
