import type { SealDeps } from '../../lambdas/steps/seal/deps';

/**
 * Where a sealer dies: at its nth port call, before its effect or after it. With `meanwhile` it does not die but stops
 * there until that has happened.
 */
export interface DeathPoint {
  readonly call: number;
  readonly side: 'before' | 'after';
  readonly meanwhile?: () => Promise<void>;
}

/** Ports whose user dies at a point: that call and every later one are never answered well. */
export function dyingPorts(deps: SealDeps, point?: DeathPoint): { deps: SealDeps; calls: readonly string[] } {
  const calls: string[] = [];
  let dead = false;
  const call = async (name: string, perform: () => unknown): Promise<unknown> => {
    if (dead) throw new Error('the sealer was killed');
    const here = calls.push(name) - 1 === point?.call;
    if (here && point?.meanwhile) {
      await point.meanwhile();
      return perform();
    }
    if (here) dead = true;
    if (here && point?.side === 'before') throw new Error(`the sealer was killed before ${name}`);
    const result = await perform();
    if (here) throw new Error(`the sealer was killed after ${name}`);
    return result;
  };
  const watch = <P extends object>(name: string, port: P): P =>
    new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          call(`${name}.${String(property)}`, () => Reflect.apply(member, target, args) as unknown);
      },
    });
  const { evidence, index, sealed, signer } = deps;
  return {
    calls,
    deps: {
      ...deps,
      evidence: watch('evidence', evidence),
      index: watch('index', index),
      sealed: watch('sealed', sealed),
      signer: watch('signer', signer),
    },
  };
}
