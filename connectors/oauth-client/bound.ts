import type { Call, Subject } from '../../core/call';
import type { Bound, Derivation } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import { type Seen, useToken } from './resource';
import type { ClientTarget, Resource } from './target';
import { clientIn, type Token } from './token';
import { assertLife, tokenFor, type Witness, witnessIn } from './witness';

/** Part of a call's time that one call of a resource server may take: three follow each other. */
const SHARE = 0.2;
/** The issuer's clock is read to the second; a witness this close to its expiry proves nothing, in milliseconds. */
const CLOCK_STEP_MS = 2_000;

/** A look at the resource servers: what each made of the control's token, of a random one, and of the witness. */
interface Look {
  readonly resource: Resource;
  readonly control: Seen;
  readonly random: Seen;
  readonly witness: Seen | undefined;
}

/**
 * What is left of the tokens of a client that is refused. Tokens cannot be listed, so either one kept from before is
 * refused at every resource server by what the policy names as ending all of them, or the last of them has expired: the
 * issuer's clock stamps the expiry and the resource server's clock judges it, so their difference is waited for too.
 * @throws Failure InvalidInput when tokens live longer than the policy says
 */
export async function boundOf(
  subject: Subject,
  target: ClientTarget,
  material: Material,
  { refusedAt, now }: Derivation,
  call: Call,
): Promise<Bound> {
  const { tokens } = target;
  const until = refusedAt + (tokens.seconds + tokens.skewSeconds) * 1_000;
  const witness = witnessIn(material);
  const mayDeny = witness !== undefined && tokens.end !== 'expiry';
  if (now < until && !mayDeny) return { state: 'open', until };
  const control = await controlToken(subject, target, call);
  if (!control) return { state: 'open', until: undefined };
  const looks = await Promise.all(
    target.resources.map(async (resource) =>
      look(target, resource, control, ofVersion(material, witness), call),
    ),
  );
  if (!looks.every(holds)) return { state: 'open', until: now < until ? until : undefined };
  const alive = looks.filter((each) => each.witness?.verdict.state === 'accepted').length;
  const last = until + lag(control.token, looks);
  if (alive > 0) {
    await call.sleep(target.pace.periodMs);
    return { state: 'open', until: now < last ? last : undefined, alive };
  }
  if (mayDeny && now >= refusedAt + tokens.cacheSeconds * 1_000 && denies(witness, control.token, looks))
    return {
      state: 'denied',
      signal: `invalid_token at ${looks.map(({ resource }) => resource.id).join(', ')}`,
    };
  return now >= last ? { state: 'expired', at: last } : { state: 'open', until: last };
}

interface Presented {
  readonly value: string;
  readonly clientId: string;
}

function ofVersion(material: Material, witness: Witness | undefined): Presented | undefined {
  return witness && { value: witness.value, clientId: material.reveal('client_id') ?? '' };
}

interface Control {
  readonly token: Token;
  readonly clientId: string;
}

async function controlToken(
  { identityId }: Subject,
  target: ClientTarget,
  call: Call,
): Promise<Control | undefined> {
  const client = clientIn(call.authority);
  if (!client) {
    const message = `The secret of target.control of ${identityId} has no client_id and client_secret: without a client of its own nothing can be proven. Nothing was changed. Add them`;
    throw new Failure('ControlMissing', message, 'none');
  }
  const token = await tokenFor(target, client, call);
  assertLife(identityId, target, token);
  return token && { token, clientId: client.id };
}

async function look(
  target: ClientTarget,
  resource: Resource,
  { token, clientId }: Control,
  witness: Presented | undefined,
  call: Call,
): Promise<Look> {
  const present = async (each: Presented) =>
    useToken(target, resource, each, Math.floor(call.timeoutMs * SHARE));
  const random = { value: randomToken(token.value, call), clientId };
  return {
    resource,
    control: await present({ value: token.value, clientId }),
    random: await present(random),
    witness: witness && (await present(witness)),
  };
}

/** A token of the same shape that nobody was given: of a signed one, only the signature is another. */
function randomToken(value: string, call: Call): string {
  const kept = value.slice(0, value.lastIndexOf('.') + 1);
  const bytes = Math.max(16, Math.ceil(((value.length - kept.length) * 3) / 4));
  return `${kept}${call.random(bytes).toString('base64url')}`;
}

/** Both controls stand, and what was made of the witness is no riddle: else the look proves nothing. */
function holds({ control, random, witness }: Look): boolean {
  return (
    control.verdict.state === 'accepted' &&
    random.verdict.state === 'refused' &&
    witness?.verdict.state !== 'inconclusive'
  );
}

/** Refused although it has not expired: by what ends every token of the client, as no other reason is left. */
function denies(witness: Witness, { issuerNow }: Token, looks: readonly Look[]): boolean {
  const clocks = [issuerNow, ...looks.map(({ control }) => control.now)];
  const fresh = clocks.every((at) => at !== undefined && at < witness.expiresAt - CLOCK_STEP_MS);
  return fresh && looks.length > 0;
}

/** How far the slowest resource server's clock is behind the issuer's, in milliseconds; 0 where it is not. */
function lag({ issuerNow }: Token, looks: readonly Look[]): number {
  const behind = looks.map(({ control }) => (issuerNow ?? 0) - (control.now ?? issuerNow ?? 0));
  return Math.max(0, ...behind);
}
