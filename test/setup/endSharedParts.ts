/** See `sharedParts.ts`. */
export default function teardown(): Promise<void> {
  return globalThis.endSharedParts();
}
