/** An answer ready to be written to the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An API call taken out of its wire protocol. */
export interface ApiCall {
  readonly action: string;
  readonly input: Record<string, unknown>;
}
