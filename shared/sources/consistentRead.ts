/** The option that tables and lists of keys share. */
import * as v from "valibot";
import type { RequestOption } from "../requestOption";

export const consistentRead = {
  schema: v.optional(v.boolean("must be true or false"), false),
  flag: "--consistent-read",
  help: "read strongly consistently, at twice the cost",
} satisfies RequestOption;
