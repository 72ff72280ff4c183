/** A P-256 key that signs and never leaves its keeper. Failures: StoreUnavailable, Internal (effect none). */
export interface Signer {
  /** ECDSA over the SHA-256 of the message, DER. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** The public key as PEM (SubjectPublicKeyInfo). */
  publicKey(): Promise<string>;
}
