import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Keys of a user or a session. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request to one of the services: an STS action, or a list of tables. */
export interface Ask {
  readonly service: 'sts' | 'dynamodb';
  readonly region: string;
  readonly body: string;
}

/** Sends a signed request to the stand-in, as any client of AWS would. */
export async function ask(
  endpoint: string,
  { service, region, body }: Ask,
  keys: Keys,
  at: number,
): Promise<Response> {
  const signer = new SignatureV4({ service, region, credentials: keys, sha256: Sha256 });
  const { host, hostname, protocol } = new URL(endpoint);
  const headers = {
    host,
    ...(service === 'dynamodb'
      ? { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' }
      : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const request = { method: 'POST', protocol, hostname, path: '/', headers, body };
  const signed = await signer.sign(request, { signingDate: new Date(at) });
  return fetch(endpoint, { method: 'POST', headers: signed.headers, body });
}
