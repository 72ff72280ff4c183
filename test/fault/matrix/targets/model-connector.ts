import { connector as real } from '../../../../connectors/postgres-role';
import type { Call } from '../../../../core/call';
import type { Connector, Operations, SessionScope } from '../../../../core/connector';
import { Failure } from '../../../../core/failure';
import type { Material } from '../../../../core/material';
import type { Probe } from '../../../../core/probe';
import { ModelServer, type ModelRole } from './model-server';

const unused = async () => Promise.reject(new Error('a role with a password has no such verb'));

/** The verbs of postgres-role over a model of its roles, in memory. No proof about the kind rests on it. */
export function modelConnector(server: ModelServer, strategy: string): Connector {
  return {
    descriptor: {
      ...real.descriptor,
      settle: { refusals: 2, windowSeconds: 0, periodMs: 1 },
    },
    operations: { ...making(server, strategy), ...ending(server, strategy) },
    probe: probe(server),
  };
}

type Making = 'remoteIdOf' | 'preflight' | 'list' | 'mint' | 'apply' | 'issue';

function making(server: ModelServer, strategy: string): Pick<Operations, Making> {
  return {
    remoteIdOf: (_subject, material) =>
      server.own().some(({ name }) => name === nameIn(material)) ? material.reveal('username') : undefined,
    preflight: async () => undefined,
    list: async () =>
      server.own().map(({ name, login }) => ({
        remoteId: name,
        status: login ? 'active' : 'suspended',
        attributable: true,
      })),
    mint: async (_subject, current, call) => {
      const inUse = nameIn(current);
      const other = server.own().find(({ name }) => name !== inUse)?.name;
      const remoteId = strategy === 'alternating' ? (other ?? inUse) : inUse;
      const password = `canary-${call.random(24).toString('base64url')}`;
      return { remoteId, material: current.with({ username: remoteId, password }) };
    },
    apply: async (_subject, version, material, call) => {
      const role = held(server, version.remoteId, call);
      Object.assign(role, { login: true, password: material.reveal('password') });
      return { effect: 'applied', cut: server.tick() };
    },
    issue: unused,
  };
}

function ending(server: ModelServer, strategy: string): Omit<Operations, Making> {
  return {
    suspend: async (_subject, { remoteId }, call) => {
      if (!server.roles.has(remoteId)) return { effect: 'alreadySo' };
      Object.assign(held(server, remoteId, call), { login: false, password: undefined });
      return { effect: 'applied', cut: server.tick() };
    },
    revoke: async (_subject, { remoteId }, disposition, call) => {
      if (!server.roles.has(remoteId)) return { effect: 'alreadySo' };
      if (disposition === 'keepPrincipal' && strategy === 'in-place') return { effect: 'notApplicable' };
      Object.assign(held(server, remoteId, call), { login: false, password: undefined });
      if (disposition === 'removePrincipal') server.roles.delete(remoteId);
      return { effect: 'applied', cut: server.tick() };
    },
    countSessions: async (_subject, { remoteId }, scope) => ({
      count: server.sessions.filter((session) => within(session, remoteId, scope)).length,
      countedBy: `role ${remoteId}`,
    }),
    endSessions: async (_subject, { remoteId }, scope) => {
      const before = server.sessions.length;
      server.sessions = server.sessions.filter((session) => !within(session, remoteId, scope));
      return { count: before - server.sessions.length, countedBy: `role ${remoteId}` };
    },
    boundSessions: unused,
    isolate: unused,
    block: unused,
    unblock: unused,
  };
}

/** A role as a change may have it: a newer fence on it refuses the older one, as the real server's comment does. */
function held(server: ModelServer, name: string, { fence }: Call): ModelRole {
  const role = server.roles.get(name);
  if (!role)
    throw new Failure('PrincipalMissing', `the model has no role ${name}. Nothing was changed`, 'none');
  if (role.fence > fence)
    throw new Failure('FenceLost', `role ${name} has fence ${role.fence}. Nothing was changed`, 'none');
  role.fence = fence;
  return role;
}

function within(
  session: { readonly role: string; readonly startedAt: string },
  role: string,
  { startedAtOrBefore, startedAfter }: SessionScope,
): boolean {
  if (session.role !== role) return false;
  if (startedAtOrBefore !== undefined && session.startedAt > startedAtOrBefore) return false;
  return startedAfter === undefined || session.startedAt > startedAfter;
}

function probe(server: ModelServer): Probe {
  return {
    randomLike: (material, call) => material.with({ password: call.random(24).toString('base64url') }),
    observe: async (_subject, _version, material) => {
      const open = server.accepts(material);
      const verdict = open
        ? ({ state: 'accepted' } as const)
        : ({ state: 'refused', signal: '28P01' } as const);
      return { verdict, rawCode: open ? '00000' : '28P01', latencyMs: 0 };
    },
  };
}

function nameIn(material: Material): string {
  return material.reveal('username') ?? '';
}
