import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Call, Subject } from '../../core/call';
import type { Minted, MutatorVerb } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { MutatorHalf, VerbsOf } from '../../core/verbs';
import { disableRole, emptySlot, enableRole, removeRole } from './change';
import { withSession } from './client';
import { looks } from './looks';
import { checkTarget } from './preflight';
import { probe } from './probe';
import { freshPassword, saltBytes, scramVerifier } from './scram';
import { endSessionsOf } from './sessions';
import { ownRole, type PostgresTarget, targetOf } from './target';
import { traits } from './traits';

/** The verbs that change roles; the README says what each statement is and which right it takes. */
const operations: VerbsOf<typeof traits, MutatorVerb> = {
  ...looks,

  async preflight(subject, current, call) {
    const target = targetOf(subject);
    if (current) ownRole(subject, target, current.remoteId);
    await withSession(target, call, (session) => checkTarget(session, target));
  },

  async mint(subject, current, call) {
    return minted(subject, targetOf(subject), current, call);
  },

  async apply(subject, version, material, call) {
    const target = targetOf(subject);
    const name = ownRole(subject, target, version.remoteId);
    const password = material.reveal('password');
    if (password === undefined || password === '') throw unusable(name, 'has no password');
    if (material.reveal('username') !== name) throw unusable(name, 'is for another username');
    const verifier = scramVerifier(password, call.random(saltBytes));
    return enableRole(target, name, call, async (session, role) => {
      if (role.expired) throw expired(name);
      await session.query(`ALTER ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(verifier)}`);
      if (target.owner === undefined || target.setRole === 'none') return;
      await session.query(`ALTER ROLE ${escapeIdentifier(name)} SET role = ${escapeLiteral(target.owner)}`);
    });
  },

  async suspend(subject, version, call) {
    const target = targetOf(subject);
    const name = ownRole(subject, target, version.remoteId);
    const nobodys = scramVerifier(freshPassword(call), call.random(saltBytes));
    const sql = `ALTER ROLE ${escapeIdentifier(name)} NOLOGIN PASSWORD ${escapeLiteral(nobodys)}`;
    return disableRole(target, name, call, (session) => session.query(sql));
  },

  async revoke(subject, version, disposition, call) {
    const target = targetOf(subject);
    const name = ownRole(subject, target, version.remoteId);
    if (disposition === 'removePrincipal') return removeRole(target, name, call);
    // In place the role carries the credential that came after: there is nothing of the old one left to remove.
    if (subject.strategy === 'in-place') return { effect: 'notApplicable' };
    return disableRole(target, name, call, emptySlot);
  },

  async endSessions(subject, version, scope, call) {
    const target = targetOf(subject);
    const name = ownRole(subject, target, version.remoteId);
    return withSession(target, call, (session) => endSessionsOf(session, name, scope, call));
  },
};

/** The half of postgres-role that changes roles. It has the probe because a new password may replace the old one in place. */
export const mutator: MutatorHalf<typeof traits> = { descriptor: traits, operations, probe };

function minted(subject: Subject, target: PostgresTarget, current: Material, call: Call): Minted {
  const inUse = current.reveal('username') ?? '';
  const remoteId =
    subject.strategy === 'alternating' ? target.roles.find((role) => role !== inUse) : target.roles[0];
  if (remoteId === undefined || !target.roles.includes(inUse)) {
    const allowed = target.roles.join(', ');
    const message = `${subject.identityId}: the current secret's username is not one of target.roles (${allowed}). Nothing was changed. Correct the secret or the policy`;
    throw new Failure('PrincipalMissing', message, 'none');
  }
  const material = current.with({
    engine: 'postgres',
    host: target.host,
    port: String(target.port),
    dbname: target.database,
    username: remoteId,
    password: freshPassword(call),
  });
  return { remoteId, material };
}

function expired(name: string): Failure {
  const sql = `ALTER ROLE ${escapeIdentifier(name)} VALID UNTIL 'infinity'`;
  const message = `VALID UNTIL of role ${name} has passed, so no password lets it in. Nothing was changed. Run: ${sql}`;
  return new Failure('TargetRejected', message, 'none');
}

function unusable(name: string, what: string): Failure {
  return new Failure(
    'InvalidInput',
    `the material to apply to role ${name} ${what}. Nothing was changed`,
    'none',
  );
}
