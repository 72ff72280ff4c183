import { containmentsOf, listedId, remoteIdOfListed } from '../../../core/run/revoking';
import { always, claimBusy, releaseBusy, afterwards, type Call, type Step } from '../call';
import { entry, factsOf, tokenIn } from '../entries';
import { append, registry, target, type Scene, type Then } from '../ports';
import { accepts, type Version } from '../world';

const open: Step = [
  { call: 'registry.openRun', act: registry.openRun, own: always },
  { call: 'evidence.put', act: (scene) => afterwards(append(scene, 'chain', entry.opened())) },
];

/** A run that settles has the lease already. */
const preempt: Call = {
  call: 'registry.preemptLease',
  act: (scene) => (scene.run.kind === 'settle' ? undefined : registry.preemptLease(scene)),
};

function placeOf({ world }: Scene, version: Version): number {
  return Number(remoteIdOfListed(version) ?? world.held[version] ?? 0);
}

/** lambdas/steps/contain/known.ts: what the vault labels, the registry noted, and what is owed. */
const known: Call = {
  call: 'registry.obligationsOf',
  act: ({ world, memory }) => {
    const { current, pending, previous } = world.labels;
    const ids = [current, pending, previous, ...world.row.versions.map((each) => each.versionId)];
    const owed = world.owed.map(({ versionId }) => versionId);
    memory.suspects = [...new Set([...ids, ...owed])].filter((id) => id !== undefined);
    memory.todo = [...memory.suspects];
  },
};

/** Calls of one kind for everything in `todo`, one after the other. */
function forEach(
  call: Call['call'],
  act: (scene: Scene, version: Version) => Then | void,
  at?: string,
): Call {
  return {
    call,
    ...(at !== undefined && { at }),
    act: (scene) => {
      const [next, ...rest] = scene.memory.todo ?? [];
      if (next === undefined) return undefined;
      const after = act(scene, next);
      if (after !== undefined) return after;
      scene.memory.todo = rest;
      return rest.length > 0 ? 'again' : undefined;
    },
  };
}

/** What a revocation demands it demands in its own name, also through a run that settles. */
const owner = ({ run, worker }: Scene): string => run.about ?? worker.run;

const owes = forEach('registry.openObligation', (scene, version) =>
  registry.openObligation(scene, {
    versionId: version,
    type: 'refusal',
    by: 'revocation',
    runId: owner(scene),
  }),
);

const marks: Call = {
  call: 'registry.setRevoked',
  act: (scene) => registry.setRevoked(scene, owner(scene)),
};

const readsChain: Call = {
  call: 'evidence.read',
  act: ({ run, carried, memory }) => {
    carried.seq = run.chain.length;
    carried.proofSeq = run.proof.length;
    memory.todo = [...(memory.suspects ?? [])];
  },
};

const has = ({ run }: Scene, text: string) => run.chain.some((each) => tokenIn(each) === tokenIn(text));
const first = ({ memory }: Scene): Version | undefined => memory.todo?.[0];

const item = (scene: Scene, version: Version) => `${version} ${scene.carried.round}`;

/** lambdas/steps/contain/changes.ts: intent, act, outcome for each; what an earlier worker finished is left out. */
function changes(
  stage: 'Contain' | 'Remove',
  act: (scene: Scene, version: Version) => void,
): readonly Call[] {
  const made = (scene: Scene, version: Version) =>
    entry.made(stage, version, 'applied', item(scene, version));
  const left = (scene: Scene) =>
    (scene.memory.todo ?? []).filter((version) => !has(scene, made(scene, version)));
  const intent = (scene: Scene, version: Version) =>
    entry.intended(stage, version, null, item(scene, version));
  return [
    {
      call: (scene) => {
        const [next] = left(scene);
        return next === undefined || has(scene, intent(scene, next)) ? 'none' : 'evidence.put';
      },
      at: stage,
      own: always,
      act: (scene) => {
        scene.memory.todo = left(scene);
        const version = first(scene);
        if (version === undefined) return { to: `${stage} done` };
        const text = intent(scene, version);
        return has(scene, text) ? undefined : afterwards(append(scene, 'chain', text));
      },
    },
    {
      call: stage === 'Contain' ? 'target.suspend' : 'target.revoke',
      act: (scene) => act(scene, first(scene) ?? ''),
    },
    {
      call: 'evidence.put',
      act: (scene) => afterwards(append(scene, 'chain', made(scene, first(scene) ?? ''))) ?? { to: stage },
    },
  ];
}

const suspends = (scene: Scene, version: Version): void => target.suspend(scene, placeOf(scene, version));

/** What lives at the target and nobody remembers is contained too. */
const lists: Call = {
  call: 'target.list',
  at: 'Contain done',
  act: (scene) => {
    const { memory } = scene;
    const late = strangers(scene, memory.suspects ?? []);
    if (late.length === 0) return { to: 'release' };
    memory.suspects = [...(memory.suspects ?? []), ...late];
    memory.todo = late;
    return undefined;
  },
};

function strangers(scene: Scene, suspects: readonly Version[]): Version[] {
  const places = suspects.map((version) => placeOf(scene, version));
  return scene.world.target.flatMap((accepted, place) =>
    accepted === null || places.includes(place) ? [] : [listedId(String(place))],
  );
}

const contained = (scene: Scene) => containmentsOf(factsOf(scene.run, scene.worker.run));

/** A look is taken at once; refusals count only when no preempted worker can be acting any more. */
const waits: Call = {
  call: 'probe.look',
  act: (scene) => {
    const alive = contained(scene).some(({ versionId }) => accepts(scene.world, versionId));
    return scene.carried.notBefore === 'later' && !alive ? 'wait' : undefined;
  },
};

const observes: Call = {
  call: 'probe.observe',
  act: (scene) => {
    const ids = contained(scene).map(({ versionId }) => versionId);
    const finding = (version: Version) => {
      const listed = remoteIdOfListed(version) !== undefined;
      const alive = listed
        ? scene.world.target[placeOf(scene, version)] !== null
        : accepts(scene.world, version);
      return alive ? 'disproven' : 'proven';
    };
    scene.memory.todo = [
      ...ids.map((version) => entry.judged('ProveRefused', version, 'refused', finding(version))),
      ...strangers(scene, ids).map((late) => entry.judged('ProveRefused', late, 'contained', 'disproven')),
    ];
  },
};

const judges = forEach('evidence.put', (scene, text) => {
  const written = append(scene, 'proof', text);
  if (typeof written === 'object' && 'fails' in written) return written;
  const stored = typeof written === 'object' && 'there' in written ? written.there : text;
  if (!stored.endsWith('|proven')) scene.memory.finding = 'disproven';
  return undefined;
});

const insists: Call = {
  call: 'return',
  own: always,
  act: ({ memory }) => (memory.finding === undefined ? undefined : { fails: 'OldStillAccepted' }),
};

const readsDead: Call = {
  call: 'evidence.read',
  act: (scene) => {
    readsChain.act(scene);
    scene.memory.todo = contained(scene).flatMap(({ versionId, proof }) =>
      proof?.finding === 'proven' ? [versionId] : [],
    );
  },
};

const release: Call = { ...releaseBusy, at: 'release' };

/** The steps of an emergency, which Settle repeats for what one left. */
export const revocationSteps: Readonly<Record<string, Step>> = {
  OpenRevocation: open,
  Contain: [
    preempt,
    claimBusy,
    known,
    owes,
    marks,
    readsChain,
    ...changes('Contain', suspends),
    lists,
    owes,
    { ...readsChain, act: ({ memory }) => void (memory.todo = [...(memory.suspects ?? [])]) },
    { call: 'next', act: () => ({ to: 'Contain' }), own: always },
    release,
  ],
  ProveRefused: [waits, observes, judges, insists],
  RemoveRevoked: [
    preempt,
    claimBusy,
    readsDead,
    ...changes('Remove', suspends),
    { ...release, at: 'Remove done' },
  ],
};
