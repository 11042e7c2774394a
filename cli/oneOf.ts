import { InvalidArgumentError } from "commander";
import { didYouMean } from "../shared/nearestNames";

/** A parser for commander: the flag's value must be one of these names. */
export function oneOf<Name extends string>(names: readonly Name[]): (given: string) => Name {
  return (given) => {
    const name = names.find((each) => each === given);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(
      `must be ${names.join(", ")}${didYouMean(given, names).replace(/^ (.*)\?$/, " ($1?)")}`,
    );
  };
}
