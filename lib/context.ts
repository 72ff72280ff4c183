import * as z from 'zod/mini';

/** Where the functions of a network run. Without subnets: on Lambda's own network, which reaches public addresses. */
export interface Network {
  readonly vpcId?: string | undefined;
  readonly subnetIds?: readonly string[] | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
}

/** The networks a deployment knows, by the name policies use in `target.network`. */
export type Networks = Readonly<Record<string, Network>>;

/** The networks of an app whose context names none. */
export const DEFAULT_NETWORKS: Networks = { default: {} };

const network = z.strictObject({
  vpcId: z.optional(z.string().check(z.regex(/^vpc-[0-9a-f]{8,17}$/, 'want a VPC id such as vpc-0a1b2c3d'))),
  subnetIds: z.optional(
    z.array(z.string().check(z.regex(/^subnet-[0-9a-f]{8,17}$/, 'want a subnet id such as subnet-0a1b2c3d'))),
  ),
  securityGroupIds: z.optional(
    z.array(z.string().check(z.regex(/^sg-[0-9a-f]{8,17}$/, 'want a security group id such as sg-0a1b2c3d'))),
  ),
});

const bulk = z.strictObject({
  approvalAbove: z._default(z.int('want a whole number').check(z.gte(0), z.lte(100_000)), 25),
  atOnce: z._default(z.int('want a whole number').check(z.gte(1), z.lte(1_000)), 40),
});
/** What a bulk revocation may do: how many identities without an approval, and how many at once. */
export type BulkSettings = z.infer<typeof bulk>;

/** The settings of an app whose context names none. */
export const DEFAULT_BULK: BulkSettings = { approvalAbove: 25, atOnce: 40 };

const retention = z.strictObject({
  mode: z.enum(['compliance', 'governance'], 'want compliance or governance'),
  days: z.int('want a whole number of days').check(z.gte(1), z.lte(36_500)),
});
/** How long every version of an object in a locked bucket cannot be removed; in compliance mode not by the account's root either. */
export type Retention = z.infer<typeof retention>;

/** Thirteen months: an audit of a year finds all of it. */
export const DEFAULT_RETENTION: Retention = { mode: 'compliance', days: 400 };

const witness = z.strictObject({
  origin: z.string().check(z.minLength(1, "want the ledger's id, the output LedgerId of GaplessWorkflow")),
  publicKey: z
    .string()
    .check(z.startsWith('-----BEGIN PUBLIC KEY-----', 'want the PEM of: gapless evidence key')),
  bucket: z.string().check(z.minLength(3, 'want the output ListsBucket of GaplessEvidence')),
});
/** What a witness is told when it is deployed, and never again: whose checkpoints it follows, and where they are. */
export type WitnessContext = z.infer<typeof witness>;

const contextSchema = z.object({
  policies: z._default(z.string(), 'policies'),
  networks: z._default(z.record(z.string(), network), {}),
  bulk: z._default(bulk, DEFAULT_BULK),
  retention: z._default(retention, DEFAULT_RETENTION),
  witness: z.optional(witness),
  witnessAccount: z.optional(z.string().check(z.regex(/^\d{12}$/, 'want an account id of 12 digits'))),
  alarmTopicArn: z.optional(z.string().check(z.startsWith('arn:', 'want the ARN of an SNS topic'))),
});

/** What cdk.json, cdk.context.json and `-c` may set. Other keys of the context are CDK's own. */
export type Context = z.infer<typeof contextSchema>;

/**
 * Reads the CDK context. `-c networks=…` arrives as a string and is read as JSON, and so do `witness` and `retention`.
 * @throws Error naming each field, what is allowed, and the next step
 */
export function contextOf(json: string): Context {
  const given = z.record(z.string(), z.unknown()).parse(JSON.parse(json));
  const [networks, witness, kept] = ['networks', 'witness', 'retention'].map((name) => asJson(given[name]));
  const result = contextSchema.safeParse({
    ...given,
    networks: networks ?? DEFAULT_NETWORKS,
    witness,
    retention: kept,
  });
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new Error(
    `CDK context: ${lines.join('; ')}. Nothing was synthesised. Correct cdk.json or the -c option.`,
  );
}

function asJson(given: unknown): unknown {
  return typeof given === 'string' ? JSON.parse(given) : given;
}
