import * as z from 'zod/mini';

/**
 * The part of OCSF 1.6.0 that is written here: three event classes with every attribute that the schema requires
 * (schema.ocsf.io/1.6.0, repository ocsf/ocsf-schema, tag v1.6.0). Times are epoch milliseconds.
 */
export const OCSF_VERSION = '1.6.0';

const text = z.string().check(z.minLength(1));
const time = z.int().check(z.positive());
const severityId = z.literal([1, 2, 3, 4, 5]);

/** 3: SHA-256; the leaf hash of RFC 6962. */
const fingerprint = z.strictObject({
  algorithm: z.literal('SHA-256'),
  algorithm_id: z.literal(3),
  value: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

const user = z.strictObject({
  name: text,
  uid: text,
  type: text,
  /** 1 User, 3 System, 4 Service. */
  type_id: z.literal([1, 3, 4]),
  programmatic_credentials: z.optional(z.array(z.strictObject({ uid: text, type: text }))),
});

const metadata = z.strictObject({
  version: z.literal(OCSF_VERSION),
  product: z.strictObject({ name: text, vendor_name: text, version: text }),
  uid: text,
  correlation_uid: text,
  sequence: z.int().check(z.nonnegative()),
  original_time: text,
  log_name: text,
});

/**
 * The record an event was made from, named as `attestation` of the later profile `record_integrity` names it; 1.6 has no
 * place for it, so it stands under `unmapped`.
 */
const recordIntegrity = z.strictObject({
  chain_uid: text,
  /** Absent for the first record of a chain. */
  prev_event: z.optional(z.strictObject({ uid: text, fingerprint })),
  fingerprint,
});

const base = {
  activity_name: text,
  category_name: text,
  class_name: text,
  severity_id: severityId,
  time,
  message: text,
  status: text,
  type_uid: z.int(),
  metadata,
  unmapped: z.strictObject({ record_integrity: recordIntegrity }),
};

const findingInfo = z.strictObject({
  uid: text,
  title: text,
  desc: text,
  types: z.array(text),
  created_time: time,
});

const resources = z
  .array(z.strictObject({ uid: text, type: text, name: text, owner: z.strictObject({ name: text }) }))
  .check(z.minLength(1));

const finding = {
  ...base,
  category_uid: z.literal(2),
  activity_id: z.literal([1, 2, 3]),
  /** 1 New, 4 Resolved. */
  status_id: z.literal([1, 4]),
  finding_info: findingInfo,
  resources,
};

const checkStatus = z.literal([1, 2, 3]);

const entityManagement = z.strictObject({
  ...base,
  category_uid: z.literal(3),
  class_uid: z.literal(3004),
  activity_id: z.literal([1, 3, 4, 8, 9, 10]),
  /** 1 Success, 2 Failure, 99 Other. */
  status_id: z.literal([1, 2, 99]),
  actor: z.strictObject({ user }),
  entity: z.strictObject({ uid: text, name: text, type: text, type_id: z.literal(99), user }),
});

const complianceFinding = z.strictObject({
  ...finding,
  class_uid: z.literal(2003),
  compliance: z.strictObject({
    control: text,
    standards: z.array(text).check(z.minLength(1)),
    requirements: z.array(text).check(z.minLength(1)),
    /** 1 Pass, 2 Warning (no result), 3 Fail. */
    status_id: checkStatus,
    status: text,
    status_details: z.array(text),
  }),
});

const detectionFinding = z.strictObject({
  ...finding,
  class_uid: z.literal(2004),
  is_alert: z.boolean(),
});

/** The attributes that no single schema can compare with each other. */
function consistent(event: {
  type_uid: number;
  class_uid: number;
  activity_id: number;
  category_uid: number;
}): boolean {
  const { type_uid: type, class_uid: cls, activity_id: activity, category_uid: category } = event;
  return type === cls * 100 + activity && Math.floor(cls / 1_000) === category;
}

/** One event. Raised as unreadable when type_uid is not class_uid * 100 + activity_id. */
export const ocsfEvent = z
  .discriminatedUnion('class_uid', [entityManagement, complianceFinding, detectionFinding])
  .check(
    z.refine(consistent, 'want type_uid = class_uid * 100 + activity_id, and class_uid of category_uid'),
  );
export type OcsfEvent = z.infer<typeof ocsfEvent>;
export type OcsfUser = z.infer<typeof user>;
