/**
 * Options of every SDK client of a function.
 *
 * A store that takes a connection and never answers must cost a step a part of its time, not all of it: the shortest
 * function has 15 seconds, and three attempts of 3 seconds leave it the time to say what happened, and an emergency the
 * time to keep its record in the spill. Without `throwOnRequestTimeout` the SDK logs a warning and goes on waiting
 * (aws-sdk-js-v3, UPGRADING.md, "3.910.0").
 *
 * A command's middleware is put together once per client, not once per call: that is a tenth of what a call costs. Valid
 * because nothing here adds middleware or options to a single call (smithy-typescript, `cacheMiddleware`).
 */
export const sdk = {
  cacheMiddleware: true,
  maxAttempts: 3,
  /** In milliseconds. */
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const;

interface Client {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * A client of a function, without the middleware that logs. It has a logger that does nothing, and for that one too the SDK
 * walks through every input and answer, secrets among them, to leave out what its models call sensitive.
 */
export function clientOf<C extends Client>(Made: new (options: typeof sdk) => C): C {
  const client = new Made(sdk);
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
