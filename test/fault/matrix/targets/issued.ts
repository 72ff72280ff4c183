/** What is at the target, as it says itself. */
export interface Listed {
  readonly name: string;
  readonly state: 'open' | 'closed';
}

/** Names for the oracle: the one in force is called so, since a rotation puts another in its place. */
export function namesOf(listed: readonly Listed[], inForce: string | undefined): readonly string[] {
  return listed.map(
    ({ name, state }) => `${name === inForce ? 'in-force' : name}${state === 'open' ? ' may log in' : ''}`,
  );
}
