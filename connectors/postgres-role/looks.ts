import type { VerbsOf } from '../../core/verbs';
import { withSession } from './client';
import { liveRoles } from './listing';
import { countSessionsOf } from './sessions';
import { ownRole, targetOf } from './target';
import type { traits } from './traits';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list' | 'countSessions'> = {
  remoteIdOf(subject, material) {
    const username = material.reveal('username');
    return targetOf(subject).roles.find((role) => role === username);
  },

  async list(subject, call) {
    const target = targetOf(subject);
    return withSession(target, call, (session) => liveRoles(session, target));
  },

  async countSessions(subject, version, scope, call) {
    const target = targetOf(subject);
    const name = ownRole(subject, target, version.remoteId);
    return withSession(target, call, (session) => countSessionsOf(session, name, scope));
  },
};
