import { SluiceError } from "../../shared/errors";
import { isJson } from "../../shared/json";
import type { BusEvent } from "./event";

/** What a target gets instead of the event: at most one of the three. */
export interface TargetInput {
  /** JSON that is the same for every event. */
  input?: string | undefined;
  /** The part of the event, such as `$.detail`. */
  inputPath?: string | undefined;
  inputTransformer?: { inputPaths?: Record<string, string> | undefined; inputTemplate: string } | undefined;
}

/** A rule's own values in an input template. */
export interface RuleNames {
  ruleArn: string;
  ruleName: string;
}

/** Turns an event into the text that the target gets. */
export type Transform = (event: BusEvent, rule: RuleNames) => string;

const PLACEHOLDER = /<([\w.-]+)>/g;
const PREDEFINED: Record<string, (event: BusEvent, rule: RuleNames) => unknown> = {
  "aws.events.rule-arn": (_, { ruleArn }) => ruleArn,
  "aws.events.rule-name": (_, { ruleName }) => ruleName,
  "aws.events.event.ingestion-time": ({ time }) => time,
  "aws.events.event": ({ detail: _, ...event }) => event,
  "aws.events.event.json": (event) => event,
};

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * @throws SluiceError INVALID_TARGET_INPUT if EventBridge would refuse it, or the local cloud doesn't support it.
 */
export function transformOf({ input, inputPath, inputTransformer }: TargetInput): Transform {
  if ([input, inputPath, inputTransformer].filter((each) => each !== undefined).length > 1) {
    throw invalid("only one of Input, InputPath and InputTransformer may be given", "");
  }
  if (input !== undefined) {
    if (!isJson(input)) throw invalid("Input must be JSON", input);
    return () => input;
  }
  if (inputPath !== undefined) {
    const read = path(inputPath);
    return (event) => JSON.stringify(read(event) ?? null);
  }
  return inputTransformer ? template(inputTransformer) : (event) => JSON.stringify(event);
}

type Transformer = NonNullable<TargetInput["inputTransformer"]>;

function template({ inputPaths = {}, inputTemplate }: Transformer): Transform {
  const own = Object.entries(inputPaths).map(([name, given]) => [name, path(given)] as const);
  const variables = new Map<string, (event: BusEvent, rule: RuleNames) => unknown>([
    ...Object.entries(PREDEFINED),
    ...own,
  ]);
  const unknown = [...inputTemplate.matchAll(PLACEHOLDER)].filter(([, name = ""]) => !variables.has(name));
  if (unknown.length > 0)
    throw invalid(`the template names ${unknown.map(([each]) => each).join(", ")}`, inputTemplate);
  // A template is JSON, or lines of quoted text, with placeholders inside and outside of quotes.
  const sample = replaced(inputTemplate, () => 0);
  if (!isJson(sample) && !sample.split("\n").every(isJson)) {
    throw invalid("the template must be JSON, or text in quotes", inputTemplate);
  }
  return (event, rule) => replaced(inputTemplate, (name) => variables.get(name)?.(event, rule));
}

/**
 * Fills the placeholders. Outside of quotes a value is JSON, inside of them escaped text. A value that the event lacks is
 * replaced by nothing.
 * @throws SluiceError INVALID_TARGET_INPUT for an object or an array in quotes, with which EventBridge makes invalid
 *   JSON.
 */
function replaced(text: string, value: (name: string) => unknown): string {
  let quoted = false;
  return text.replace(/\\.|"|<[\w.-]+>/gs, (part) => {
    if (part === '"') quoted = !quoted;
    if (!part.startsWith("<")) return part;
    const found = value(part.slice(1, -1));
    if (found === undefined) return "";
    if (!quoted) return JSON.stringify(found);
    if (typeof found === "object" && found !== null) throw invalid(`${part} is no text and stands in quotes`, text);
    return JSON.stringify(String(found)).slice(1, -1);
  });
}

/** Reads `$.a.b` and `$.a[0]`; the wildcards that EventBridge takes are not modelled. */
function path(text: string): (event: BusEvent) => unknown {
  if (!/^\$(\.[\w/-]+|\[\d+\])*$/.test(text)) throw invalid("a path must be as in $.detail.items[0]", text);
  const steps = [...text.matchAll(/\.([\w/-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return (event) =>
    steps.reduce<unknown>(
      (value, step) => (value as Record<string | number, unknown> | undefined | null)?.[step],
      event,
    );
}

function invalid(why: string, value: string): SluiceError {
  return new SluiceError("INVALID_TARGET_INPUT", `The input of an event target is not valid: ${why}.`, { value });
}
