import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Keys of a session. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Who signs, and for which service of which region. */
export interface Signing {
  readonly service: 'lambda' | 'sts';
  readonly region: string;
  readonly keys: Keys;
  /** What time it is where the request goes, epoch ms: a signature is good for a few minutes. */
  readonly at: number;
}

/** Fetches by a request signed with AWS Signature Version 4. */
export async function signedFetch(
  { service, region, keys, at }: Signing,
  url: URL,
  given: { readonly method: 'GET' | 'POST'; readonly type: string; readonly body: string | undefined },
): Promise<Response> {
  const { method, type } = given;
  const signer = new SignatureV4({ service, region, credentials: keys, sha256: Sha256 });
  const { host, hostname, pathname: path, protocol } = url;
  const body = given.body === undefined ? {} : { body: given.body };
  const headers = { host, ...(given.body === undefined ? {} : { 'content-type': type }) };
  const signed = await signer.sign(
    { method, protocol, hostname, path, headers, ...body },
    { signingDate: new Date(at) },
  );
  return fetch(url, { method, headers: signed.headers, ...body });
}
