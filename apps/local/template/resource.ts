import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { EngineParts } from '../engine-parts';
import { parsePolicy, type Statement } from '../iam/policy';
import { arn } from '../services/arn';

/** What other resources can ask of a deployed one. */
export interface Deployed {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One resource that is being deployed: who it is, and what it is deployed into. */
export class Resource {
  constructor(
    readonly stack: string,
    readonly logicalId: string,
    /** The running services that resources are deployed into. */
    readonly target: EngineParts,
  ) {}

  /** How messages name it. */
  get path(): string {
    return `${this.stack}/${this.logicalId}`;
  }

  /**
   * Its name when the template gives none: the same at each deployment, because data is kept under it.
   * @param longest the service's limit in characters
   */
  name(longest = 64): string {
    return `${`${this.stack}-${this.logicalId}`.slice(0, longest - 13)}-${this.#digest().slice(0, 12)}`;
  }

  /** A UUID that stays the same at each deployment. */
  uuid(): string {
    return this.#digest().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  }

  arn(service: string, resource: string): string {
    return arn(this.target.place, service, resource);
  }

  /** @throws Error naming what of the policy the engine does not evaluate */
  policy(document: unknown): readonly Statement[] {
    return parsePolicy(document, this.path);
  }

  /** Adds to the policy of a resource. @throws as {@link policy} */
  addPolicy(resourceArn: string, document: unknown): void {
    this.target.iam.addResourcePolicy(resourceArn, this.policy(document));
  }

  /** @throws Error when the role's trust policy does not let a service take it for `sourceArn` */
  mustTrust(roleArn: string, service: string, sourceArn: string): void {
    if (!this.target.iam.trusts(roleArn, service, sourceArn))
      this.refuse(`role ${roleArn} cannot be assumed by ${service} for ${sourceArn}`);
  }

  refuse(why: string): never {
    throw new Error(`${this.path}: ${why}`);
  }

  #digest(): string {
    return createHash('sha256').update(this.path).digest('hex');
  }
}

/** Makes one resource of a type, or finds it in the data folder. */
export type Provider = (properties: Record<string, unknown>, resource: Resource) => Deployed;

/**
 * A provider that takes what a schema says; other properties are ignored, unless their effect would be missed.
 * @param lacking properties whose effect the engine does not have; they are refused by name
 */
export function provider<T>(
  schema: z.ZodMiniType<T>,
  lacking: readonly string[],
  make: (properties: T, resource: Resource) => Deployed,
): Provider {
  return (given, resource) => {
    const refused = lacking.find((name) => name in given);
    if (refused) resource.refuse(`gapless local does not implement the property ${refused}`);
    const parsed = schema.safeParse(given);
    if (parsed.success) return make(parsed.data, resource);
    return resource.refuse(`gapless local cannot read its properties: ${z.prettifyError(parsed.error)}`);
  };
}
