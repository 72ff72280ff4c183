import type { Mutant } from './mutant';
import { ofEffects } from './of-effects';
import { ofProof } from './of-proof';

/** Every known-bad change. One that no test notices is a hole in the tests. */
export const mutants: readonly Mutant[] = [...ofProof, ...ofEffects];
