import { InvalidArgumentError } from "commander";

/** Parses an option that is a whole number, 1 or more. @param most default: no bound. */
export function wholeNumber(most = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    const rule = most === Number.POSITIVE_INFINITY ? ", 1 or more" : ` from 1 to ${most}`;
    throw new InvalidArgumentError(`must be a whole number${rule}`);
  };
}
