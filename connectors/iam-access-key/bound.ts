import type { Call, Subject } from '../../core/call';
import type { Bound, Derivation } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import { RequestFailure } from '../../net/pinned-request';
import { dataVerdict, sessionState, type SessionState } from './answers';
import { cutOf, isDeniedAll } from './denial';
import { exchange, keysIn } from './exchange';
import { dataPlanes, type Place } from './places';
import { probe } from './probe';
import { type IamTarget, SESSION_SECONDS } from './target';
import { readUser } from './user';
import { type Witness, witnessesIn } from './witness';

/** Part of a call's time that one data call may take: three follow each other in each region. */
const SHARE = 0.1;

/**
 * What is left of the sessions made from a key that is refused. They cannot be listed. Either a denial that covers all of
 * them is in force, shown by a session kept from before that is denied explicitly in every region, or the last of them
 * has expired. GetCallerIdentity answers even under a denial, and a denial without an explicit one is no denial of all.
 * @throws Failure ControlMissing; as `ask`
 */
export async function boundOf(
  subject: Subject,
  target: IamTarget,
  material: Material,
  derivation: Derivation,
  call: Call,
): Promise<Bound> {
  const { refusedAt, now, beside } = derivation;
  const until = refusedAt + SESSION_SECONDS * 1_000;
  if (now >= until) return { state: 'expired', at: until };
  const witnesses = [...witnessesIn(beside), ...witnessesIn(material)];
  const [live, isCovered] = [standing(target, witnesses, now), await covered(target, derivation, call)];
  if (!isCovered || live.length === 0) return { state: 'open', until };
  const looks = await Promise.all(
    dataPlanes(target).map(async (place) => look(subject, target, place, live, call)),
  );
  const states = looks.flat();
  const alive = states.filter((state) => state === 'alive').length;
  if (alive > 0) await call.sleep(target.pace.periodMs);
  if (!states.every((state) => state === 'denied')) return { state: 'open', until, ...(alive && { alive }) };
  return {
    state: 'denied',
    signal: `explicit deny of ${live.length} session(s) in ${target.regions.join(', ')}`,
  };
}

/** One witness of the user and of each role that has not expired; none when one of them lacks its own. */
function standing(target: IamTarget, witnesses: readonly Witness[], now: number): readonly Witness[] {
  const found = [undefined, ...target.sessions.roles].map((role) =>
    witnesses.find((each) => each.role === role && Date.parse(each.expires) > now),
  );
  const live = found.filter((each) => each !== undefined);
  return live.length === found.length ? live : [];
}

/**
 * Whether IAM holds a denial of everything the key could derive until it was refused: of the user altogether, or of all
 * sessions up to a time not before that; and of each role up to such a time.
 */
async function covered(target: IamTarget, { refusedAt, now }: Derivation, call: Call): Promise<boolean> {
  const user = await readUser(target, call);
  if (!user) return false;
  // The refusal was timed by our clock and the cut is judged by that of AWS.
  const refusedThere = refusedAt + user.at - now;
  const cuts = await Promise.all(target.sessions.roles.map(async (role) => cutOf(target, role, call)));
  const own = (await isDeniedAll(target, call)) ? Infinity : await cutOf(target, undefined, call);
  return [own, ...cuts].every((cut) => cut !== undefined && cut >= refusedThere);
}

/** What became of the witnesses in one region, with a key of our own accepted there and a random one refused beside. */
async function look(
  { identityId }: Subject,
  target: IamTarget,
  place: Place,
  witnesses: readonly Witness[],
  call: Call,
): Promise<readonly SessionState[]> {
  const control = keysIn(call.authority);
  if (!control) {
    const message = `The secret of target.control of ${identityId} has no accessKeyId and secretAccessKey: without a key of its own nothing can be proven. Nothing was changed. Add them`;
    throw new Failure('ControlMissing', message, 'none');
  }
  const random = keysIn(probe.randomLike(call.authority, call)) ?? control;
  const answers = [];
  for (const keys of [control, random, ...witnesses]) {
    const signing = { keys, at: call.now(), timeoutMs: call.timeoutMs * SHARE };
    try {
      answers.push(await exchange(target, place, { action: 'ListTables' }, signing));
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      return ['unknown'];
    }
  }
  const [known, stranger, ...rest] = answers;
  const holds =
    known !== undefined &&
    stranger !== undefined &&
    sessionState(known) === 'alive' &&
    dataVerdict(stranger).state === 'refused';
  return holds ? rest.map((answer) => sessionState(answer)) : ['unknown'];
}
