/**
 * The states that are told. The names are part of the interface: rules of others match on them.
 *
 * `revocation.contained` and `revocation.refused` carry the time at which that was so, and are told when the run closes.
 */
export const noticeStates = [
  'revocation.opened',
  'revocation.contained',
  'revocation.refused',
  'run.closed',
  'run.pending',
  'reissue.unstarted',
  'evidence.degraded',
  'deadline.broken',
  'bulk.opened',
  'bulk.closed',
  'approval.requested',
  'glass.broken',
] as const;
export type NoticeState = (typeof noticeStates)[number];

/** How a chat shows a custom notification (Amazon Q Developer in chat applications, "Custom notifications"). */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  /** Messages about one run are shown as one thread. */
  readonly metadata: { readonly threadId: string };
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
  };
}

/** What a notice says: names, times and verdicts. Nothing secret is known where notices are made. */
export interface NoticeData {
  readonly state: NoticeState;
  /** The key to tell repetitions by, together with `state`. */
  readonly runId: string;
  readonly ledgerId: string;
  readonly kind: string;
  readonly identityId: string;
  readonly owner: string;
  readonly outcome: string | null;
  readonly level: string | null;
  readonly cause: string | null;
  readonly deadline: string | null;
  /** `person`: somebody has to act or agree; `none`: for the books. */
  readonly needs: 'person' | 'none';
  /** Present when somebody is needed. */
  readonly chat: ChatMessage | null;
}

/** An event in the envelope of CloudEvents 1.0 (github.com/cloudevents/spec, version 1.0.2, "Required Attributes"). */
export interface Notice {
  readonly specversion: '1.0';
  /** `<run id>/<state>`: the same however often it is sent. */
  readonly id: string;
  readonly source: string;
  readonly type: `gapless.${NoticeState}.v1`;
  /** When it was so, ISO 8601 UTC. */
  readonly time: string;
  /** The identity. */
  readonly subject: string;
  readonly datacontenttype: 'application/json';
  readonly data: NoticeData;
}

/** What a notice is made of. `call` is the message for a person, where one is needed. */
export interface Told extends Omit<NoticeData, 'needs' | 'chat'> {
  readonly at: string;
  readonly call?: {
    readonly title: string;
    readonly says: string;
    readonly nextSteps: readonly string[];
  };
}

/** Makes a notice. */
export function noticeOf({ at, call, ...facts }: Told): Notice {
  const { state, runId, ledgerId, identityId } = facts;
  const chat = call === undefined ? null : chatOf(runId, call);
  return {
    specversion: '1.0',
    id: `${runId}/${state}`,
    source: `urn:gapless:${ledgerId}`,
    type: `gapless.${state}.v1`,
    time: at,
    subject: identityId,
    datacontenttype: 'application/json',
    data: { ...facts, needs: chat === null ? 'none' : 'person', chat },
  };
}

function chatOf(runId: string, { title, says, nextSteps }: Required<Told>['call']): ChatMessage {
  return {
    version: '1.0',
    source: 'custom',
    metadata: { threadId: runId },
    content: {
      textType: 'client-markdown',
      title: title.slice(0, 250),
      description: says.slice(0, 1_000),
      nextSteps: [...nextSteps],
    },
  };
}
