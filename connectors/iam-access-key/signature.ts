import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';

/** Long-term or temporary credentials of AWS. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is signed: a request without a query, or one without a body. */
export interface Unsigned {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The headers of a request with AWS Signature Version 4.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signed(
  { method, url, headers, body }: Unsigned,
  { service, region }: { readonly service: string; readonly region: string },
  keys: Keys,
  at: number,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({ service, region, credentials: keys, sha256: Sha256 });
  const { host, hostname, pathname: path, protocol } = url;
  const query = Object.fromEntries(url.searchParams);
  const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body };
  return (await signer.sign(request, { signingDate: new Date(at) })).headers;
}

/** SHA-256 and its HMAC as the signer asks for them. */
class Sha256 {
  #state: Hash | Hmac;
  readonly #secret: SourceData | undefined;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#state = begun(secret);
  }

  update(data: SourceData): void {
    this.#state.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest();
  }

  reset(): void {
    this.#state = begun(this.#secret);
  }
}

function begun(secret: SourceData | undefined): Hash | Hmac {
  return secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
}

function bytes(data: SourceData): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
