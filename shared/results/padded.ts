const DIGITS = 7;

/** The number of a unit or object as text for keys: 7 digits, so that keys sort by it. */
export function padded(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
