import * as z from 'zod/mini';
import type { Principal } from '../../core/approval/principal';
import { approvalIdOf } from '../../core/approval/request';
import type { EvidenceRecord } from '../../core/evidence/record';
import { verifyStoredRun } from '../../core/evidence/verify';
import type { Approval } from '../../core/ports/approvals';
import type { RunSummary } from '../../core/ports/registry';
import type { TaskTokens } from '../../core/ports/task-tokens';
import { decisions } from '../../lambdas/api/decisions';
import { requests } from '../../lambdas/api/requests';
import { serveUrl } from '../../lambdas/runtime/serve-url';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { codeOf } from './error-code';
import { eventually } from './eventually';
import { memoryApp, type MemoryApp } from './memory-app';
import { unreachedPolicy } from './unreached-policy';

const answer = z.record(z.string(), z.unknown());

export const IDENTITY = 'orders-db';
const ARN = 'arn:aws:states:us-east-1:111111111111:execution';

/** A session as IAM names it. */
export function session(roleId: string, sessionName: string): Principal {
  const userArn = `arn:aws:sts::111111111111:assumed-role/${roleId.toLowerCase()}/${sessionName}`;
  return { accountId: '111111111111', roleId, sessionName, userArn };
}
export const alice = session('AROAREQUESTER', 'alice');
export const bob = session('AROAAPPROVER', 'bob');

/** What a URL answered. */
export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Url = 'requests' | 'decisions';
type Call = readonly [url: Url, by: Principal, method: string, path: string, body?: object | string];

/** The app over memory stores with one identity that needs an approval for everything, and both of its URLs. */
export interface ApprovalScene {
  readonly app: MemoryApp;
  /** Sends a request as Lambda hands it to the function behind a URL. */
  call(...call: Call): Promise<Answered>;
  /** Starts a rotation without the API. */
  start(runId: string, input?: object): Promise<void>;
  /** The approval that a run waits for. */
  waiting(runId: string): Promise<Approval>;
  ended(runId: string, machine?: 'Rotation' | 'Revocation'): Promise<Record<string, unknown>>;
  /** Runs that are about another, oldest first. */
  about(runId: string): Promise<readonly RunSummary[]>;
  /** The RUN chain of a run whose every hash and link holds. */
  records(runId: string): Promise<readonly EvidenceRecord[]>;
}

/** Lets the messages that end waits get lost. */
export interface SceneOptions {
  readonly wakes?: 'delivered' | 'lost';
}

/** Builds the scene. The identity's target answers nobody, so an approved run goes on as far as Mint. */
export async function approvalScene({ wakes = 'delivered' }: SceneOptions = {}): Promise<ApprovalScene> {
  const approval = { rotation: 'required', revocation: 'required' };
  const app = await memoryApp([{ ...unreachedPolicy(IDENTITY), approval }]);
  await enrol(app.deps);
  return peopleAround(app, IDENTITY, { wakes });
}

/** Both URLs in front of an app, and what its runs about one identity wait for. */
export function peopleAround(
  app: MemoryApp,
  identityId: string,
  { wakes = 'delivered' }: SceneOptions = {},
): ApprovalScene {
  const deps = { ...app.deps, tokens: wakes === 'lost' ? lost : tokensOf(app) };
  const urls = {
    requests: serveUrl('Requests', () => deps, requests),
    decisions: serveUrl('Decisions', () => deps, decisions),
  };
  const { registry, evidence, executions } = app.deps;
  return {
    app,
    call: async (url, by, method, path, body) => {
      const { statusCode, body: text } = await urls[url](eventOf(by, method, path, body));
      return { status: statusCode, body: answer.parse(JSON.parse(text)) };
    },
    start: async (runId, input = { reason: 'a test' }) =>
      void (await executions.start('Rotation', runId, { identityId, ...input })),
    waiting: async (runId) => {
      const found = await eventually(
        async () => registry.approval(approvalIdOf(runId)),
        (there) => there !== undefined && there.taskToken !== 'planted',
      );
      if (!found) throw new Error(`run ${runId} waits for no approval`);
      return found;
    },
    ended: async (runId, machine = 'Rotation') =>
      app.passing(app.states.finished(`${ARN}:${machine}:${runId}`)),
    about: async (runId) =>
      (await registry.runs({ identityId, limit: 100 })).filter((run) => run.about === runId).toReversed(),
    records: async (runId) => {
      const check = await verifyStoredRun(evidence, runId);
      if (check.state === 'broken') throw new Error(JSON.stringify(check.first));
      return check.run;
    },
  };
}

const lost: TaskTokens = { wake: async () => 'gone' };

/** Ends the waits of an app, as the function behind the decisions URL does. */
export function tokensOf(app: MemoryApp): TaskTokens {
  return {
    wake: async (taskToken) => {
      try {
        await app.states.handle('SendTaskSuccess', { taskToken, output: '{}' });
        return 'woken';
      } catch (error) {
        if (codeOf(error) === 'TaskTimedOut') return 'gone';
        throw error;
      }
    },
  };
}

function eventOf(by: Principal, method: string, rawPath: string, body?: object | string) {
  const { accountId, userArn } = by;
  // IAM gives users and the root an id without a session.
  const userId = by.roleId === '' ? 'AIDAUSER' : `${by.roleId}:${by.sessionName}`;
  return {
    version: '2.0',
    rawPath,
    requestContext: {
      http: { method },
      authorizer: { iam: { accountId, userArn, userId, callerId: userId } },
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}
