/**
 * Settings of every AWS client in a handler. One attempt: retries are made above the client, where it is known how much
 * time is left and what counts as transient. Time-outs well below a function's, so that a lost answer costs one retry.
 */
export const clientSettings = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/**
 * Takes the SDK's log middleware out of a client that has no logger: without one to write to it still builds a copy of
 * every input and output, which takes three quarters of the CPU of a Scan response.
 */
export function withoutLog<C extends { middlewareStack: { remove(name: string): boolean } }>(client: C): C {
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}
