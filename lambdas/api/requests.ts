import * as z from 'zod/mini';
import type { Principal } from '../../core/approval/principal';
import { freeze } from '../../core/approval/request';
import { ASK_BYTES, bulkAsk } from '../../core/bulk/ask';
import { IDENTITY_ID } from '../../core/policy/identity-id';
import type { StartRequest, StartRequests } from '../../core/ports/approvals';
import type { Identities } from '../../core/ports/registry';
import { iso, type Deps, type Using } from '../steps/deps';
import { notServed, parseBody, refused, type ApiCall } from './call';

const identityId = z.string().check(z.regex(IDENTITY_ID, 'want 3 to 64 of a-z, 0-9 and -'));
const reason = z.string().check(z.minLength(3), z.maxLength(512));
const rotationBody = z.strictObject({
  identityId,
  reason,
  /** The revocation after which a new credential is wanted. */
  reissue: z.optional(z.string().check(z.minLength(1), z.maxLength(96))),
});
// Only a revocation can go without a second person: it takes access away and gives none.
const revocationBody = z.strictObject({
  identityId,
  reason,
  reissue: z.optional(z.boolean()),
  breakGlass: z.optional(z.boolean()),
});

/** What the function behind the requests URL asks for. */
export type RequestDeps = Pick<Deps, 'now' | 'random' | 'executions'> &
  Using<Pick<Identities, 'identity'> & StartRequests>;

const served = ['POST /rotations', 'POST /revocations', 'POST /bulk-revocations'];

/** What requesters may call: each starts one run in their verified name. */
export async function requests(deps: RequestDeps, call: ApiCall): Promise<object> {
  const [collection, ...rest] = call.path;
  if (rest.length > 0 || call.method !== 'POST') throw notServed(call, served);
  if (collection === 'rotations') {
    const input = parseBody(rotationBody, call);
    return start(deps, call.principal, { kind: 'rotation', input, breakGlass: 'no' });
  }
  if (collection === 'revocations') {
    const { breakGlass, ...input } = parseBody(revocationBody, call);
    const asked = breakGlass === true ? 'asked' : 'no';
    return start(deps, call.principal, { kind: 'revocation', input, breakGlass: asked });
  }
  // Nobody skips the second person for many at once.
  if (collection === 'bulk-revocations')
    return start(deps, call.principal, {
      kind: 'bulk',
      input: parseBody(bulkAsk, call, ASK_BYTES),
      breakGlass: 'no',
    });
  throw notServed(call, served);
}

type Wanted = Pick<StartRequest, 'breakGlass'> &
  (
    | {
        readonly kind: 'rotation' | 'revocation';
        readonly input: { readonly identityId: string; readonly reason: string };
      }
    | { readonly kind: 'bulk'; readonly input: z.infer<typeof bulkAsk> }
  );

const machines = { rotation: 'Rotation', revocation: 'Revocation', bulk: 'BulkRevocation' } as const;

/**
 * Notes who asks for what, then starts the execution, whose Open step finds the note by the execution's name.
 * @throws Failure UnknownIdentity; StoreUnavailable, after which the execution may or may not have been started
 */
async function start(
  deps: RequestDeps,
  principal: Principal,
  wanted: Wanted,
): Promise<{ readonly runId: string }> {
  const { kind, input, breakGlass } = wanted;
  // Whom a selection means is found out, and said, by the bulk run itself.
  if (wanted.kind !== 'bulk') await mustBeEnrolled(deps, wanted.input.identityId);
  const runId = deps.random(16).toString('hex');
  await deps.registry.putStartRequest({
    executionName: runId,
    kind,
    principal,
    inputSha256: freeze(input).sha256,
    requestedAt: iso(deps.now()),
    breakGlass,
  });
  await deps.executions.start(machines[kind], runId, input);
  return { runId };
}

async function mustBeEnrolled({ registry }: Pick<RequestDeps, 'registry'>, id: string): Promise<void> {
  if (await registry.identity(id)) return;
  const sentence = `identityId: got ${JSON.stringify(id)}, and no identity of that id is enrolled. List them: gapless plan.`;
  throw refused('UnknownIdentity', sentence);
}
