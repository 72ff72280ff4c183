import { Exit } from '../exit';
import { signedFetch, type Keys } from './signed-fetch';

/**
 * Takes a role of a local engine under a session name (STS AssumeRole), so that two people can be played on one machine.
 * On AWS a person comes with a session of their own.
 * @throws Exit usage for a name that cannot be a session's
 */
export async function localSession(
  engine: { readonly endpoint: string; readonly region: string; readonly keys: Keys; readonly at: number },
  roleArn: string,
  sessionName: string,
): Promise<Keys> {
  // STS API reference, AssumeRole: RoleSessionName.
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    const sentence = `--as: got ${JSON.stringify(sessionName)}, want 2 to 64 of letters, digits and _+=,.@-`;
    throw new Exit('usage', `${sentence}. Nothing was changed.`);
  }
  const { endpoint, region, keys, at } = engine;
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
  }).toString();
  const signing = { service: 'sts', region, keys, at } as const;
  const type = 'application/x-www-form-urlencoded';
  const response = await signedFetch(signing, new URL(endpoint), { method: 'POST', type, body });
  const answer = await response.text();
  return {
    accessKeyId: elementOf(answer, 'AccessKeyId'),
    secretAccessKey: elementOf(answer, 'SecretAccessKey'),
    sessionToken: elementOf(answer, 'SessionToken'),
  };
}

// The engine's own flat answer; none of these values holds a character that XML escapes.
function elementOf(answer: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1];
  if (value !== undefined) return value;
  throw new Exit('unexpected', 'The local engine gave no session of the role. Nothing was changed.');
}
