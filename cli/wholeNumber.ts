import { InvalidArgumentError } from "commander";
import { readNumber } from "../shared/requestOption";

/** Parses an option that is a whole number. @param most default: no bound. @param least default: 1. */
export function wholeNumber(most = Number.POSITIVE_INFINITY, least = 1): (text: string) => number {
  return (text) => {
    const value = readNumber(text);
    if (Number.isSafeInteger(value) && value! >= least && value! <= most) return value!;
    const rule = most === Number.POSITIVE_INFINITY ? `, ${least} or more` : ` from ${least} to ${most}`;
    throw new InvalidArgumentError(`must be a whole number${rule}`);
  };
}
