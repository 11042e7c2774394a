import { describeError, namedReason } from "../../shared/describeError";
import { SluiceError } from "../../shared/errors";

class Unnamed extends Error {}
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each<[string, unknown, string]>([
  ["a plain error: its message alone", new Error("no such thing"), "no such thing"],
  ["an error of Sluice: its message alone", new SluiceError("NO_SUCH_JOB", "There is no job."), "There is no job."],
  ["a class without a name of its own", new Unnamed("no"), "no"],
  ["a name with information", named("ConditionalCheckFailedException", "no"), "ConditionalCheckFailedException: no"],
  ["an error of JavaScript", new TypeError("x is undefined"), "TypeError: x is undefined"],
  ["an error without a message", new Error(), "Error"],
  ["a name without a message", named("Stopped", ""), "Stopped"],
  ["a value that is no error", "no", "no"],
  ["an error larger than a record", new Error("x".repeat(3_000)), `${"x".repeat(2_000)}…`],
])("describes %s", (_, error, text) => {
  expect(describeError(error)).toBe(text);
});

test.each<[unknown, unknown, string]>([
  ["Error", "no", "no"],
  ["TypeError", "no", "TypeError: no"],
  [undefined, "no", "no"],
  ["Error", undefined, "Error"],
  [undefined, null, ""],
])("the reason of name %j and message %j is %j", (name, message, text) => {
  expect(namedReason(name, message)).toBe(text);
});
