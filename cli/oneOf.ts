import { InvalidArgumentError } from "commander";
import { mustBe } from "../shared/requestOption";

/** A parser for commander: the flag's value must be one of these names. */
export function oneOf<Name extends string>(names: readonly Name[]): (given: string) => Name {
  return (given) => {
    const name = names.find((each) => each === given);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(mustBe(given, names));
  };
}
