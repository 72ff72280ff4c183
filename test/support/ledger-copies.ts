import { leafHash, type Sealable } from '../../core/evidence/chain';
import { rotation, type Chains } from './ledger-scene';

const MODEL = 'model-run';

/**
 * Makes rotations as `rotation` does, a hundred times as fast: one is made, the others are copies under another run id
 * with their links worked out again. Their tokens are the model's, which nobody checks once a record is written.
 */
export function rotationCopies(): (runId: string) => Chains {
  const model = rotation(MODEL);
  return (runId) => {
    const proof = copied(model.proof, runId, []);
    const [was, is] = [model.proof.at(-1)?.hash ?? '', proof.at(-1)?.hash ?? ''];
    return { runId, run: copied(model.run, runId, [[was, is]]), proof };
  };
}

function copied(
  chain: readonly Sealable[],
  runId: string,
  hashes: readonly (readonly [string, string])[],
): readonly Sealable[] {
  const replaced = [...hashes];
  return chain.map((record) => {
    const named = record.body.replace(`"runId":"${MODEL}"`, `"runId":"${runId}"`);
    const body = replaced.reduce((text, [was, is]) => text.replace(was, is), named);
    const hash = leafHash(body);
    replaced.splice(0, replaced.length, ...hashes, [record.hash, hash]);
    return { ...record, runId, body, hash };
  });
}
