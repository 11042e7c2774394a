/** The options of a start request that choose which part of a table is read. */
import * as v from "valibot";
import { expressionOptions } from "../../aws/expressions/options";
import { type RequestOption, readNumber, type Schemas, text, Unreadable } from "../../requestOption";
import { consistentRead } from "../consistentRead";
import { MOST_SEGMENTS } from "./segments";

const segments = v.custom<"auto" | number>(
  (given) =>
    given === "auto" || (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MOST_SEGMENTS),
  `must be "auto" or a whole number from 1 to ${MOST_SEGMENTS}`,
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const tableName = v.pipe(
  v.string("must be text"),
  v.regex(/^[\w.-]{3,255}$/, "must be 3 to 255 letters, digits, _ - and ."),
);

export const tableOptions = {
  segments: {
    schema: v.optional(segments, "auto"),
    flag: "--segments <n>",
    help: `number of segments, 1 to ${MOST_SEGMENTS}, or auto; default: auto`,
    read: (given) =>
      given === "auto" ? "auto" : (readNumber(given) ?? new Unreadable("a number of segments or auto")),
  },
  index: {
    schema: v.optional(tableName),
    flag: "--index <name>",
    help: "read this index instead of the table",
  },
  consistentRead,
  filter: {
    schema: v.optional(text),
    flag: "--filter <expression>",
    help: "a filter expression; it saves no capacity",
  },
  projection: {
    schema: v.optional(text),
    flag: "--projection <expression>",
    help: "a projection expression",
  },
  ...expressionOptions,
} satisfies Record<string, RequestOption>;

/** The options of a start request that concern a table, checked. */
export type TableRequest = v.InferOutput<v.ObjectSchema<Schemas<typeof tableOptions>, undefined>> & {
  readonly table: string;
};
