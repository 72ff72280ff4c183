/**
 * Every answer a probe can get, and the one verdict it may give. A case that does not exist for a kind is declared
 * absent with a reason from a closed list (kit/fixture.ts), never left out.
 */
export const verdictCases = {
  right: { expected: 'accepted', says: 'the right credential' },
  wrong: { expected: 'refused', says: 'a wrong one of the same principal' },
  unknownPrincipal: { expected: 'refused', says: 'a principal that does not exist' },
  disabled: { expected: 'refused', says: 'one that was disabled at the target' },
  expired: { expected: 'refused', says: 'one that has run out' },
  noPermission: { expected: 'accepted', says: 'one that is known and may do nothing: it lives' },
  wrongScope: { expected: 'accepted', says: 'one that is known and asks for what is not its own: it lives' },
  throttled: { expected: 'inconclusive', says: 'a target that asks to slow down' },
  serverError: { expected: 'inconclusive', says: 'a target in trouble' },
  oddSuccess: { expected: 'inconclusive', says: 'a success that does not come from the credential' },
  proxyForbids: { expected: 'inconclusive', says: 'something on the way that forbids everybody' },
  redirected: { expected: 'inconclusive', says: 'an answer that points elsewhere' },
  unresolvable: { expected: 'inconclusive', says: 'a name that does not resolve' },
  noListener: { expected: 'inconclusive', says: 'a port nobody listens at' },
  untrusted: { expected: 'inconclusive', says: 'a server that cannot show who it is, or speaks no TLS' },
  silent: { expected: 'inconclusive', says: 'silence' },
  propagating: { expected: 'accepted, then refused', says: 'a revocation that takes its time' },
  cached: { expected: 'accepted, then refused', says: 'an edge that keeps what it once accepted' },
} as const;

export type VerdictCase = keyof typeof verdictCases;

export const verdictCaseNames: readonly VerdictCase[] = Object.keys(verdictCases).filter((name) =>
  isVerdictCase(name),
);

function isVerdictCase(name: string): name is VerdictCase {
  return Object.hasOwn(verdictCases, name);
}
