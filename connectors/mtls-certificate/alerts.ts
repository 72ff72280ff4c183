/**
 * TLS alerts by number (RFC 8446, 6.2; RFC 5246, 7.2.2) that an endpoint may answer a client's certificate with. What is
 * missing here proves nothing whatever a policy says: 40 handshake_failure, 43 unsupported_certificate, 80
 * internal_error and the like come from any kind of trouble.
 */
const alerts = {
  42: 'bad_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  48: 'unknown_ca',
  49: 'access_denied',
  51: 'decrypt_error',
} as const satisfies Readonly<Record<number, string>>;

export type Alert = (typeof alerts)[keyof typeof alerts];

/**
 * Alerts that a policy may list as proof. bad_certificate and certificate_unknown are what Go's and Java's stacks
 * answer to a revoked certificate, but OpenSSL sends the first one for a certificate that is not valid _yet_: only who
 * knows the endpoint can say what it means there.
 */
export const PROVABLE_ALERTS = [
  'certificate_revoked',
  'unknown_ca',
  'decrypt_error',
  'bad_certificate',
  'certificate_unknown',
] as const satisfies readonly Alert[];

/** What proves a refusal unless a policy says otherwise: the same meaning in every stack. */
export const USUAL_ALERTS = ['certificate_revoked', 'unknown_ca', 'decrypt_error'] as const;

/** The alert in an error of the TLS stack; undefined when it was no alert, or none about a certificate. */
export function alertOf(error: unknown): Alert | undefined {
  const said = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  // The number is in the reason that OpenSSL prints, the same in every version; the words before it are not.
  const number = /SSL alert number (\d{1,3})/.exec(said)?.[1];
  return number === undefined ? undefined : Object.entries(alerts).find(([key]) => key === number)?.[1];
}
