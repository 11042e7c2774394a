/** The options of a start request that an update has. */
import * as v from "valibot";
import { plainObject, type RequestOption, text } from "../../requestOption";

export const updateOptions = {
  update: {
    schema: v.optional(plainObject),
    flag: "--update <file or json>",
    help: "what to set and remove, and of which items; see docs/backfill.md",
    file: true,
  },
  markerValue: {
    schema: v.optional(text),
    flag: "--marker-value <text>",
    help: "value of the update's marker attribute; default: the job's id",
  },
} satisfies Record<string, RequestOption>;
