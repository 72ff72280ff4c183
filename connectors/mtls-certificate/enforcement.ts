import { X509Certificate } from 'node:crypto';
import type { Change } from '../../core/connector';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import { type Asked, type EndpointState, readState, reload, type Reload } from './endpoint';
import { MOST_DAYS } from './target';
import { type Crl, readCrl, type Revoked, writeCrl } from './x509/crl';
import { type Authority, authorityOf } from './x509/authority';

/** Reloads of others that may come in between before this one gives up. */
const ATTEMPTS = 8;
const DAY_MS = 86_400_000;

/** What is enforced right before a change. */
export interface Before {
  readonly state: EndpointState;
  /** The endpoint's own clock, epoch milliseconds. */
  readonly now: number;
  readonly revoked: readonly Revoked[];
  /** Whether the version is registered for this identity, or for nobody. */
  readonly found: 'own' | 'gone';
}

/** What is to be enforced after it. */
export type After = Pick<Reload, 'register' | 'forget' | 'server'> & { readonly revoked: readonly Revoked[] };

/**
 * Reads what the endpoint enforces, and reloads it with what `decide` makes of that; again from the start when somebody
 * else's reload came in between.
 * @throws Failure InvalidInput when the certificate is another identity's, FenceLost when a newer run owns this one;
 * nothing was changed
 */
export async function changed(
  asked: Asked,
  version: CredentialVersion,
  decide: (before: Before) => After | 'alreadySo',
): Promise<Change> {
  const { subject, target, call } = asked;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const state = await readState(asked);
    const found = ownOrGone(asked, state, version);
    const authority = authorityOf(call.authority.reveal('caCertificate'), call.authority.reveal('caKey'));
    const { number, revoked } = enforcedBy(asked, state, authority);
    const now = Date.parse(state.now);
    const after = decide({ state, now, revoked, found });
    if (after === 'alreadySo') return { effect: 'alreadySo', cut: state.now };
    const { revoked: list, ...rest } = after;
    const done = await reload(asked, {
      owner: subject.identityId,
      fence: call.fence,
      revision: state.revision,
      trust: authority.certificate.toString(),
      // Back-dated like certificates are: a worker whose clock is behind must not find the list to be of the future.
      crl: writeCrl(
        authority,
        { number: number + 1n, revoked: withoutExpired(list, now) },
        now - target.certificate.backdateSeconds * 1_000,
      ),
      ...rest,
    });
    if (done !== 'moved') return { effect: 'applied', cut: done.now };
  }
  const message = `${subject.identityId}: the endpoint was reloaded by others ${ATTEMPTS} times in between; asked again later. Nothing was changed`;
  throw new Failure('TargetThrottled', message, 'none');
}

/**
 * Whose certificate it is, by what the endpoint says.
 * @throws Failure InvalidInput when it is another's: that one is left alone
 */
export function ownOrGone(
  { subject }: Asked,
  state: EndpointState,
  { remoteId }: CredentialVersion,
): 'own' | 'gone' {
  const found = state.certificates.find(({ serial }) => serial === remoteId);
  if (!found) return 'gone';
  if (found.owner === subject.identityId) return 'own';
  const message = `certificate ${remoteId} is registered for ${found.owner}, not for ${subject.identityId}, and is left alone. Nothing was changed`;
  throw new Failure('InvalidInput', message, 'none');
}

/**
 * The list the endpoint enforces. Only one that the authority signed is built upon: what somebody else put there would
 * take certificates off it.
 * @throws Failure TargetRejected; nothing was changed
 */
export function enforcedBy(
  { subject, target }: Asked,
  { crl }: EndpointState,
  authority: Authority | undefined,
): Crl {
  if (crl === '') return { number: 0n, revoked: [] };
  const certificate = authority?.certificate ?? new X509Certificate(target.authority ?? target.trust);
  const read = readCrl({ certificate }, crl);
  if (read) return read;
  const message = `${subject.identityId}: the endpoint's revocation list cannot be read, or the authority of this identity did not sign it. Nothing was changed. Give the endpoint a list of this authority`;
  throw new Failure('TargetRejected', message, 'none');
}

/**
 * The list without entries that nobody can use any more: revoked for good, registered no more, and longer ago than any
 * certificate that a policy may ask for is valid. A list is read whole, so it must not grow for ever.
 */
export function withoutExpired(revoked: readonly Revoked[], now: number): readonly Revoked[] {
  return revoked.filter(({ reason, at }) => reason === 'hold' || now - at <= MOST_DAYS * DAY_MS);
}

/** A serial's entry on a list. */
export function entryOf(revoked: readonly Revoked[], serial: string): Revoked | undefined {
  return revoked.find((each) => each.serial === serial);
}

/** The list with an entry, in place of the serial's earlier one. */
export function withEntry(revoked: readonly Revoked[], entry: Revoked): readonly Revoked[] {
  return [...withoutEntry(revoked, entry.serial), entry];
}

/** The list without a serial. */
export function withoutEntry(revoked: readonly Revoked[], serial: string): readonly Revoked[] {
  return revoked.filter((each) => each.serial !== serial);
}
