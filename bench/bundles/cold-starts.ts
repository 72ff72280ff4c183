import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { quantile } from '../quantile';
import type { Deployed } from './deployed';
import type { Erring } from './erring';
import { firstEvent } from './first-event';

const run = promisify(execFile);

const start = z.object({
  /** Milliseconds that loading the bundle took. */
  initMs: z.number(),
  /** CPU of the process meanwhile, milliseconds. */
  cpuMs: z.number(),
  /** Resident bytes after loading, and after the first call. */
  afterInit: z.number(),
  afterCall: z.number(),
});
type Start = z.infer<typeof start>;

/** Medians of many cold starts of one function, or of the bare bundle beside it. */
export type Starts = Start;

/** A function's cold starts and those of its bare bundle. */
export interface Compared {
  readonly own: Starts;
  readonly bare: Starts;
  /**
   * Medians of own / bare over the pairs. Both of a pair start one right after the other, so that what else the machine
   * does weighs on both.
   */
  readonly ratios: Starts;
}

/** What a bundle is started with. */
interface Side {
  readonly code: string;
  readonly event: object;
}

/**
 * Starts a function and its bare bundle in fresh processes, turn by turn, and the first of each pair by turns too. Each
 * calls AWS once on loopback: the bare bundle sends the command that the function sends first.
 * @throws Error when the function asked AWS for nothing, so that its first call would be no call
 */
export async function coldStarts(
  { name, role, code, environment }: Deployed,
  bareCode: string,
  runs: number,
  aws: Erring,
): Promise<Compared> {
  const env = { ...environment, ...surroundings(aws) };
  const own = { code, event: firstEvent(role, environment) };
  aws.taken();
  await started(own, env);
  const [operation] = aws.taken();
  if (operation === undefined)
    throw new Error(`${name}: the first event led to no call of AWS, so there is nothing to compare`);
  const bare = { code: bareCode, event: { operation } };
  aws.taken();
  await started(bare, env);
  if (aws.taken()[0] !== operation) throw new Error(`${name}: the bare bundle did not send ${operation}`);
  const pairs: Pair[] = [];
  for (let pair = 0; pair < runs; pair += 1) pairs.push(await startedPair(own, bare, env, pair));
  return {
    own: medians(pairs.map((pair) => pair.own)),
    bare: medians(pairs.map((pair) => pair.bare)),
    ratios: medians(pairs.map(quotient)),
  };
}

interface Pair {
  readonly own: Start;
  readonly bare: Start;
}

async function startedPair(
  own: Side,
  bare: Side,
  env: Readonly<Record<string, string>>,
  nth: number,
): Promise<Pair> {
  if (nth % 2 === 0) {
    const first = await started(own, env);
    return { own: first, bare: await started(bare, env) };
  }
  const first = await started(bare, env);
  return { own: await started(own, env), bare: first };
}

async function started({ code, event }: Side, env: Readonly<Record<string, string>>): Promise<Start> {
  const script = path.join(__dirname, 'cold-start.js');
  const { stdout } = await run(process.execPath, [script, code, JSON.stringify(event)], {
    env,
    timeout: 60_000,
  });
  return start.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

function quotient({ own, bare }: Pair): Start {
  return {
    initMs: own.initMs / bare.initMs,
    cpuMs: own.cpuMs / bare.cpuMs,
    afterInit: own.afterInit / bare.afterInit,
    afterCall: own.afterCall / bare.afterCall,
  };
}

function medians(samples: readonly Start[]): Starts {
  const of = (field: keyof Start) =>
    quantile(
      samples.map((each) => each[field]),
      0.5,
    );
  return {
    initMs: of('initMs'),
    cpuMs: of('cpuMs'),
    afterInit: of('afterInit'),
    afterCall: of('afterCall'),
  };
}

function surroundings({ endpoint }: Erring): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
