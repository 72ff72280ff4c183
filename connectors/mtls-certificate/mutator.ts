import { X509Certificate } from 'node:crypto';
import type { Call, Subject } from '../../core/call';
import type { MutatorVerb } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { MutatorHalf, VerbsOf } from '../../core/verbs';
import { readState } from './endpoint';
import { changed, enforcedBy, entryOf, ownOrGone, withEntry, withoutEntry } from './enforcement';
import { looks } from './looks';
import { minted, validity } from './mint';
import { awaitServed } from './served';
import { endOpen } from './sessions';
import { targetOf } from './target';
import { traits } from './traits';
import { serialOf } from './x509/certificate';
import { authorityOf } from './x509/authority';

/** The verbs that change what the endpoint takes; the README says which request each one is and which right it takes. */
const operations: VerbsOf<typeof traits, MutatorVerb> = {
  ...looks,

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

  async endSessions(subject, version, scope, call) {
    return endOpen({ subject, target: targetOf(subject), call }, version, scope);
  },
};

/** The half of mtls-certificate that changes what the endpoint takes. */
export const mutator: MutatorHalf<typeof traits> = { descriptor: traits, operations };

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
