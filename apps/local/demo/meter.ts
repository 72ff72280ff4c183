import { evidenceKeys } from '../../../core/ports/tables';
import type { FaultHook, ServiceFaultPoint } from '../faults';

/** One write that the engine served. */
interface Write {
  readonly kind: 'evidence' | 'secret';
  /** The run an evidence write belongs to; the name or ARN of the secret. */
  readonly of: string;
  /** Engine time, epoch ms. */
  readonly at: number;
}

/** A span of engine time, epoch ms, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Counts writes at the engine's own door, so that what a run costs is measured and not estimated. Only calls that had
 * their effect are counted: a refused conditional put is not a write.
 */
export class Meter {
  readonly #writes: Write[] = [];

  constructor(private readonly now: () => number) {}

  /** A fault hook that counts and then asks `inner`, which may still let a fault happen. */
  watching(inner: FaultHook): FaultHook {
    return (point) => {
      if (point.boundary === 'service' && point.phase === 'after') this.#count(point);
      return inner(point);
    };
  }

  /** Records of both chains of a run, and the put and the delete of its open-run marker. */
  evidenceWrites(runId: string): number {
    return this.#writes.filter(({ kind, of }) => kind === 'evidence' && of === runId).length;
  }

  /** Values put and stage labels moved on a secret. */
  secretWrites(secret: string, { from, to }: Span): number {
    return this.#writes.filter(
      ({ kind, of, at }) => kind === 'secret' && namesSecret(of, secret) && at >= from && at <= to,
    ).length;
  }

  #count({ service, action, input }: ServiceFaultPoint): void {
    const of = input && subjectOf(service, action, input);
    if (of) this.#writes.push({ ...of, at: this.now() });
  }
}

type Subject = Pick<Write, 'kind' | 'of'>;

function subjectOf(
  service: string,
  action: string,
  input: Readonly<Record<string, unknown>>,
): Subject | undefined {
  switch (`${service}:${action}`) {
    case 'secretsmanager:PutSecretValue':
    case 'secretsmanager:UpdateSecretVersionStage':
      return { kind: 'secret', of: String(input['SecretId']) };
    case 'dynamodb:PutItem':
      return evidence(input['Item']);
    case 'dynamodb:DeleteItem':
      return evidence(input['Key']);
    default:
      return undefined;
  }
}

/** Records lie under `RUN#<id>` and `PROOF#<id>`, markers under `OPEN#<shard>` with the run as sort key. */
function evidence(item: unknown): Subject | undefined {
  const pk = textOf(item, 'pk');
  const sk = textOf(item, 'sk');
  if (pk.startsWith('OPEN#')) return { kind: 'evidence', of: sk };
  const chain = [evidenceKeys.run, evidenceKeys.proof].find((prefix) => pk.startsWith(prefix));
  // The registry keeps a run's summary under the run's name too; only records have a sort key of this form.
  return chain && sk.startsWith('R#') ? { kind: 'evidence', of: pk.slice(chain.length) } : undefined;
}

/** A key attribute as it is on the wire: `{"S": "text"}`. */
function textOf(item: unknown, name: string): string {
  const attribute: unknown = item !== null && typeof item === 'object' ? Reflect.get(item, name) : undefined;
  const value: unknown =
    attribute !== null && typeof attribute === 'object' ? Reflect.get(attribute, 'S') : '';
  return typeof value === 'string' ? value : '';
}

/** Secrets Manager ends a secret's ARN with its name, a hyphen and six random characters. */
function namesSecret(given: string, secret: string): boolean {
  return given === secret || new RegExp(`:secret:${escaped(secret)}-[A-Za-z0-9]{6}$`).test(given);
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
