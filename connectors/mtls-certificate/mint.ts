import type { Minted } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { Asked } from './endpoint';
import { issuePair, issuerOf, type Profile } from './x509/certificate';
import type { Authority } from './x509/authority';

const serialBytes = 16;
const dayMs = 86_400_000;

/**
 * Makes a pair, and one for the endpoint itself where the policy has `server`. Validity is counted from the endpoint's
 * own clock, because that is the one it will be held against; no two hosts' clocks are compared.
 */
export function minted(asked: Asked, authority: Authority, current: Material, now: string): Minted {
  const { call, target } = asked;
  const { commonName, names } = target.certificate;
  const valid = validity(asked, authority, now);
  const serial = () => call.random(serialBytes);
  const own = issuePair(issuerOf(authority), {
    commonName,
    names,
    use: 'client',
    serial: serial(),
    ...valid,
  });
  return {
    remoteId: own.serial,
    material: current.with({
      certificate: own.certificate,
      key: own.key,
      ca: authority.certificate.toString(),
      ...serverPair(asked, authority, { commonName, use: 'server', serial: serial(), ...valid }),
    }),
  };
}

function serverPair(
  { target: { server } }: Asked,
  authority: Authority,
  profile: Omit<Profile, 'names'>,
): Readonly<Record<string, string>> {
  if (!server) return {};
  const { certificate, key } = issuePair(issuerOf(authority), { ...profile, names: server.names });
  return { serverCertificate: certificate, serverKey: key };
}

/**
 * From when to when a certificate made now is valid, epoch milliseconds.
 * @throws Failure InvalidInput when the authority ends before the certificate would; nothing was changed
 */
export function validity(
  { subject, target: { certificate } }: Asked,
  authority: Authority,
  now: string,
): Pick<Profile, 'notBefore' | 'notAfter'> {
  const at = Date.parse(now);
  const notAfter = at + certificate.days * dayMs;
  const { validFrom, validTo } = authority.certificate;
  if (notAfter <= Date.parse(validTo)) {
    const earliest = Date.parse(validFrom);
    return { notBefore: Math.max(earliest, at - certificate.backdateSeconds * 1_000), notAfter };
  }
  const message = `${subject.identityId}: the authority's certificate ends on ${validTo}, before one of ${certificate.days} days would. Nothing was changed. Make certificate.days smaller, or bring in a new authority`;
  throw new Failure('InvalidInput', message, 'none');
}
