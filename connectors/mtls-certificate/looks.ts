import { X509Certificate } from 'node:crypto';
import type { VerbsOf } from '../../core/verbs';
import { readState } from './endpoint';
import { enforcedBy, entryOf } from './enforcement';
import { countOpen } from './sessions';
import { targetOf } from './target';
import type { traits } from './traits';
import { serialOf } from './x509/certificate';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list' | 'countSessions'> = {
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

  async countSessions(subject, version, scope, call) {
    return countOpen({ subject, target: targetOf(subject), call }, version, scope);
  },
};
