import * as z from 'zod/mini';
import type { Account, Key } from './account';

/** What the account's principals are for: working with tables, nothing, changing users, or looking at them. */
const rights = {
  tables: ['dynamodb:*', 'sts:AssumeRole'],
  nothing: undefined,
  admin: ['iam:*'],
  reader: ['iam:List*', 'iam:Get*', 'dynamodb:*'],
} as const;

/** What somebody at the account's own console, or trouble on its way, does; for tests. */
export const knobs = z.strictObject({
  propagationMs: z.optional(z.number()),
  replicas: z.optional(z.enum(['alike', 'flapping'])),
  /** The region that `propagationMs` and `replicas` are for; all of them without. */
  region: z.optional(z.string()),
  advanceMs: z.optional(z.number()),
  trouble: z.optional(z.enum(['none', 'throttled', 'unavailable'])),
  organization: z.optional(z.enum(['none', 'denies-contained'])),
  /** Makes a user or a role; of a user, with a key. */
  principal: z.optional(
    z.strictObject({
      kind: z.enum(['user', 'role']),
      name: z.string(),
      rights: z.enum(['tables', 'nothing', 'admin', 'reader']),
      tags: z._default(z.record(z.string(), z.string()), {}),
      trusts: z._default(z.array(z.string()), []),
    }),
  ),
  /** Makes another key of a user, at the console. */
  keyFor: z.optional(z.string()),
  /** Sets a tag of a user. */
  tag: z.optional(z.strictObject({ user: z.string(), name: z.string(), value: z.string() })),
  /** Takes the denial of everything off a user, as an administrator of the account may. */
  undeny: z.optional(z.string()),
  /** Takes a key away, at the console. */
  removeKey: z.optional(z.string()),
});
export type Knobs = z.input<typeof knobs>;

/** Does what the knobs say to the account; answers with the key that was made. */
export function turn(
  account: Account,
  { principal, keyFor, tag, undeny, removeKey }: z.infer<typeof knobs>,
  now: number,
) {
  let made: Key | undefined;
  if (principal) {
    const actions = rights[principal.rights];
    const policy = actions && { Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] };
    account.add({ ...principal, policy });
    if (principal.kind === 'user') made = account.createKey(principal.name, 0);
  }
  if (keyFor !== undefined) made = account.createKey(keyFor, 0);
  if (tag) account.principals.get(`user/${tag.user}`)?.tags.set(tag.name, tag.value);
  const freed = account.principals.get(`user/${undeny ?? ''}`);
  freed?.attached.clear();
  if (freed) account.changed(freed);
  if (removeKey !== undefined) account.keys.get(removeKey)?.status.set(now, 'none');
  return made && { accessKeyId: made.id, secretAccessKey: made.secret };
}

/** What the console shows of a user: its keys, tags and policies. */
export function overview(account: Account, name: string) {
  const found = account.principals.get(`user/${name}`);
  return {
    keys: account.keysOf(name).map(({ id, status }) => ({ id, status: status.now })),
    tags: Object.fromEntries(found?.tags ?? []),
    inline: [...(found?.inline.keys() ?? [])],
    attached: [...(found?.attached ?? [])],
  };
}
