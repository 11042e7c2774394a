/** The options of a start request that expressions share. */
import * as v from "valibot";
import { plainObject, type RequestOption, readObject, text } from "../../requestOption";
import { plainValues, readValues, typedValues } from "./valueOptions";

export const expressionOptions = {
  names: {
    schema: v.optional(
      v.pipe(plainObject, v.record(v.pipe(v.string(), v.regex(/^#\w+$/, 'must have keys such as "#name"')), text)),
    ),
    flag: "--names <json>",
    help: 'names in the expressions: \'{"#q":"q1"}\'',
    read: readObject,
  },
  values: {
    schema: v.optional(plainValues),
    flag: "--values <json>",
    help: "values in the expressions, as plain JSON: '{\":q\":3}'",
    read: readValues,
  },
  typedValues: {
    schema: v.optional(typedValues),
    flag: "--typed-values <json>",
    help: 'values in the expressions, as DynamoDB JSON: \'{":q":{"N":"3"}}\'',
    read: readObject,
  },
} satisfies Record<string, RequestOption>;
