/** Milliseconds since the epoch as ISO 8601. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** A value as JSON, on one line or (`indent`) on several. Values without a JSON form take the nearest one. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, plain, indent);
}

/** Results of operations come from DynamoDB, which also has sets, binary values and large numbers. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
