import { Sha256 } from "./sha256";

/**
 * Settings of every AWS client in a handler. One attempt: the code above the client retries, because it knows how much
 * time is left and which errors are transient. Time-outs are well below a function's, so that a lost answer costs one
 * retry.
 */
export const clientSettings = {
  maxAttempts: 1,
  sha256: Sha256,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/**
 * Takes the SDK's log middleware out of a client that has no logger: even without a logger it builds a copy of every
 * input and output, which takes three quarters of the CPU of a Scan response.
 */
export function withoutLog<C extends { middlewareStack: { remove(name: string): boolean } }>(client: C): C {
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}
