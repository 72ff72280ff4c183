import { regions, type IamAccount } from './start';

/** The `target` fields of a policy for a user of the stand-in, as somebody would write them. */
export function iamTarget({ endpoint }: Pick<IamAccount, 'endpoint'>, user: string) {
  return { user, regions: [...regions], endpoint, allowPrivate: true };
}
