const DIGITS = 7;

/** A number of a unit or object as it stands in keys, with 7 digits: keys sort by it. */
export function padded(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
