/** The options of a start request that a deletion has. */
import * as v from "valibot";
import { expressionOptions } from "../../aws/expressions/options";
import { type RequestOption, text } from "../../requestOption";

export const deleteOptions = {
  onlyIf: {
    schema: v.optional(text),
    flag: "--only-if <expression>",
    help: "delete only items that meet this condition; default: all",
  },
  ...expressionOptions,
} satisfies Record<string, RequestOption>;
