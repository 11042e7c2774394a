import { InvalidArgumentError } from "commander";
import { didYouMean } from "../shared/nearestNames";

/** Reads a flag's value that has to be one of some names, for commander. */
export function oneOf<Name extends string>(names: readonly Name[]): (given: string) => Name {
  return (given) => {
    const name = names.find((each) => each === given);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(
      `must be ${names.join(", ")}${didYouMean(given, names).replace(/^ (.*)\?$/, " ($1?)")}`,
    );
  };
}
