import { X509Certificate } from 'node:crypto';
import type { VerbsOf } from '../../core/capability';
import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { descriptor } from './descriptor';
import { readState } from './endpoint';
import { changed, enforcedBy, entryOf, ownOrGone, withEntry, withoutEntry } from './enforcement';
import { minted, validity } from './mint';
import { awaitServed } from './served';
import { countOpen, endOpen } from './sessions';
import { targetOf } from './target';
import { serialOf } from './x509/certificate';
import { authorityOf } from './x509/authority';

/** The verbs of mtls-certificate; the README says which request each one is and which right it takes. */
export const operations: VerbsOf<typeof descriptor> = {
  remoteIdOf(subject, material) {
    const certificate = material.reveal('certificate');
    if (certificate === undefined || material.reveal('key') === undefined) return undefined;
    const serial = serialOf(certificate);
    if (serial === undefined) return undefined;
    const { commonName } = targetOf(subject).certificate;
    return new X509Certificate(certificate).subject.split('\n').includes(`CN=${commonName}`)
      ? serial
      : undefined;
  },

  async preflight(subject, current, call) {
    const asked = { subject, target: targetOf(subject), call };
    const authority = authorityIn(call);
    const state = await readState(asked);
    enforcedBy(asked, state, authority);
    validity(asked, authority, state.now);
    if (state.scope !== 'write') {
      const message = `${subject.identityId}: the token of target.admin may read and not reload. Nothing was changed. Give it the scope write`;
      throw new Failure('AdminRightsMissing', message, 'none');
    }
    if (!current || ownOrGone(asked, state, current) === 'own') return;
    const message = `${subject.identityId}: the endpoint has no certificate ${current.remoteId}, which the current secret is for. Nothing was changed. Put the pair in use into the secret, or register it`;
    throw new Failure('PrincipalMissing', message, 'none');
  },

  async list(subject, call) {
    const asked = { subject, target: targetOf(subject), call };
    const state = await readState(asked);
    const { revoked } = enforcedBy(asked, state, undefined);
    return state.certificates.map(({ serial, owner, run }) => ({
      remoteId: serial,
      status: entryOf(revoked, serial) ? 'suspended' : 'active',
      attributable: owner === subject.identityId,
      ...(run !== undefined && { runId: run }),
    }));
  },

  async mint(subject, current, call) {
    const asked = { subject, target: targetOf(subject), call };
    const authority = authorityIn(call);
    return minted(asked, authority, current, (await readState(asked)).now);
  },

  async apply(subject, version, material, call) {
    const asked = { subject, target: targetOf(subject), call };
    assertOf(subject, version.remoteId, material);
    const server = serverIn(material);
    const done = await changed(asked, version, ({ state, revoked, found }) => {
      const entry = entryOf(revoked, version.remoteId);
      if (entry?.reason === 'final') throw revokedForGood(subject, version.remoteId);
      const served = server === undefined || server.fingerprint === state.serving;
      if (found === 'own' && !entry && served) return 'alreadySo';
      const register = { serial: version.remoteId, run: call.runId };
      const pair = served ? {} : { server: { certificate: server.certificate, key: server.key } };
      return { revoked: withoutEntry(revoked, version.remoteId), register, ...pair };
    });
    if (server !== undefined) await awaitServed(asked, material, server.fingerprint);
    return done;
  },

  async suspend(subject, version, call) {
    const asked = { subject, target: targetOf(subject), call };
    return changed(asked, version, ({ revoked, now }) =>
      entryOf(revoked, version.remoteId)
        ? 'alreadySo'
        : { revoked: withEntry(revoked, { serial: version.remoteId, at: now, reason: 'hold' }) },
    );
  },

  // Rotation and offboarding end in the same place: a certificate is one principal, and it does not come back.
  async revoke(subject, version, _disposition, call) {
    const asked = { subject, target: targetOf(subject), call };
    return changed(asked, version, ({ revoked, now, found }) => {
      const entry = entryOf(revoked, version.remoteId);
      if (entry?.reason === 'final' && found === 'gone') return 'alreadySo';
      const since = entry?.at ?? now;
      return {
        revoked: withEntry(revoked, { serial: version.remoteId, at: since, reason: 'final' }),
        forget: version.remoteId,
      };
    });
  },

  async countSessions(subject, version, scope, call) {
    return countOpen({ subject, target: targetOf(subject), call }, version, scope);
  },

  async endSessions(subject, version, scope, call) {
    return endOpen({ subject, target: targetOf(subject), call }, version, scope);
  },
};

function authorityIn({ authority }: Call) {
  return authorityOf(authority.reveal('caCertificate'), authority.reveal('caKey'));
}

function serverIn(material: Material) {
  const [certificate, key] = [material.reveal('serverCertificate'), material.reveal('serverKey')];
  if (certificate === undefined || key === undefined) return undefined;
  return { certificate, key, fingerprint: new X509Certificate(certificate).fingerprint256 };
}

function assertOf({ identityId }: Subject, remoteId: string, material: Material): void {
  const serial = serialOf(material.reveal('certificate') ?? '');
  if (serial === remoteId) return;
  const message = `${identityId}: the material to apply holds ${serial === undefined ? 'no certificate' : `certificate ${serial}`}, not ${remoteId}. Nothing was changed`;
  throw new Failure('InvalidInput', message, 'none');
}

function revokedForGood({ identityId }: Subject, serial: string): Failure {
  const message = `${identityId}: certificate ${serial} was revoked for good and cannot be put back in force. Nothing was changed. Rotate instead`;
  return new Failure('TargetRejected', message, 'none');
}
