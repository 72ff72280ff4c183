import type { Connector, Operations } from '../core/connector';
import type { Observation, Verdict } from '../core/probe';

/** A mistake that has been made before, put into a good connector, and the case that has to catch it. */
export interface Mistake {
  readonly name: string;
  /** Beginning of the name of the case that catches it. */
  readonly caughtBy: string;
  readonly make: (good: Connector) => Connector;
}

/** Turns what a probe saw into another verdict, where `when` holds; everything else is left as it was. */
export function misjudging(
  when: (observation: Observation) => unknown,
  verdict: Verdict,
): (connector: Connector) => Connector {
  return (connector) => ({
    ...connector,
    probe: {
      ...connector.probe,
      async observe(...args) {
        const observation = await connector.probe.observe(...args);
        return when(observation) ? { ...observation, verdict } : observation;
      },
    },
  });
}

/** Replaces verbs, each given the good one to build on. */
export function misdoing(
  change: (good: Operations, connector: Connector) => Partial<Operations>,
): (connector: Connector) => Connector {
  return (connector) => ({
    ...connector,
    operations: { ...connector.operations, ...change(connector.operations, connector) },
  });
}

export const dead: Verdict = { state: 'refused', signal: 'looks dead' };
export const alive: Verdict = { state: 'accepted' };
