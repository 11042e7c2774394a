/**
 * React Native's bundler takes this instead of `nodeFs.ts`: there is no Node file system on a phone. Apps pass objects,
 * and give the outbox their own storage (see `OutboxStorage`).
 */
import { SenderError } from "./errors";

export async function loadNodeFs(): Promise<never> {
  throw new SenderError("FILES_UNSUPPORTED", "There is no Node file system on this platform: pass the object.");
}

export const readBytes: (path: string, limit?: number) => Promise<never> = loadNodeFs;

export function isCode(): boolean {
  return false;
}
