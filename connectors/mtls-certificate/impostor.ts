import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import { issuePair, issuerNameOf, keyIdOf, nameOf } from './x509/certificate';

const SERIAL_BYTES = 16;
const TOKEN_BYTES = 24;
const CENTURY = { from: Date.UTC(2000, 0), to: Date.UTC(2099, 11, 31) } as const;

/**
 * Material of the same shape that nobody was ever given: the same subject, the same issuer by name, the same time,
 * signed by a key that is thrown away here; and where there is a token for the admin API beside it, a random one.
 */
export function impostorOf(material: Material, call: Call): Material {
  const real = certificateIn(material);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = real ? issuerNameOf(real) : nameOf('nobody');
  const pair = issuePair(
    { name, key: privateKey, keyId: keyIdOf(publicKey) },
    {
      commonName: /^CN=(.+)$/m.exec(real?.subject ?? '')?.[1] ?? 'nobody',
      names: [],
      use: 'client',
      serial: call.random(SERIAL_BYTES),
      notBefore: real ? Date.parse(real.validFrom) : CENTURY.from,
      notAfter: real ? Date.parse(real.validTo) : CENTURY.to,
    },
  );
  const token =
    material.reveal('token') === undefined ? {} : { token: call.random(TOKEN_BYTES).toString('hex') };
  return material.with({ certificate: pair.certificate, key: pair.key, ...token });
}

function certificateIn(material: Material): X509Certificate | undefined {
  try {
    return new X509Certificate(material.reveal('certificate') ?? '');
  } catch {
    return undefined;
  }
}
