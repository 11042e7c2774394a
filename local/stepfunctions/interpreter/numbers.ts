import { read, type Source } from "../language/paths";
import { RuntimeFailure } from "../stateError";

/** The whole number, 0 or more, that a field such as `SecondsPath` refers to. @throws RuntimeFailure. */
export function numberOf(field: string, path: string, source: Source, least = 0): number {
  const value = read(path, source);
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new RuntimeFailure(
      `The ${field} field refers to value ${JSON.stringify(value)} which is not a valid integer: ${path}`,
    );
  }
  if (value < least) throw new RuntimeFailure(`${field.replace(/Path$/, "")} must be at least ${least}, got ${value}.`);
  return value;
}
