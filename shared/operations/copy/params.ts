/** The options of a start request that a copy has. */
import * as v from "valibot";
import { plainObject, type RequestOption } from "../../requestOption";

export const copyOptions = {
  to: {
    schema: v.optional(
      v.pipe(v.string("must be text"), v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, _ - and .")),
    ),
    flag: "--to <table>",
    help: "the table that a copy goes to; default with an export: the job's table",
  },
  transform: {
    schema: v.optional(plainObject),
    flag: "--transform <file or json>",
    help: "what a copy sets and removes in each item, in the form of an update; it may set key attributes",
    file: true,
  },
  ifAbsent: {
    schema: v.optional(v.boolean("must be true or false")),
    flag: "--if-absent",
    help: "copy only items that the target table doesn't have yet",
  },
} satisfies Record<string, RequestOption>;
