import { Failure } from '../failure';

/** Another sealer has taken over. */
export function sealerLost(step: { readonly from: number; readonly to: number }): Failure {
  const message = `The ledger was to be moved on from ${step.from} to ${step.to} leaves; another sealer did so or has taken over. What was written stays right, and nothing is sealed twice. The next look goes on from there.`;
  return new Failure('FenceLost', message, 'none');
}
