/** A log line for people and for programs. Pure. */
import { parseJson } from "../../shared/json";
import { oneLine } from "../text/format";
import { timestamp, toJson } from "../text/json";
import type { LogLine } from "./readLines";

/** Fields of a line that are the same in all lines of a function, or that the line shows elsewhere. */
const LEFT_OUT = /^(level|message|timestamp|service|function_\w+|xray_trace_id|cold_start|sampling_rate)$/;

/** `2025-11-22T10:12:54.123Z  scanner  INFO  unit done  {"job":"nightly","unit":3}`. */
export function renderLine({ from, at, message }: LogLine): string {
  const fields = fieldsOf(message);
  if (fields === undefined) return [timestamp(at), from, oneLine(message)].join("  ");
  const { level, message: text } = fields;
  const more = Object.entries(fields).filter(([name]) => !LEFT_OUT.test(name));
  const rest = more.length === 0 ? [] : [toJson(Object.fromEntries(more))];
  const words = [level, text].filter((word) => typeof word === "string").map(oneLine);
  return [timestamp(at), from, ...words, ...rest].join("  ");
}

/** The line with its message as JSON where it is JSON. */
export function documentOf({ from, at, message }: LogLine) {
  return { at: timestamp(at), from, message: fieldsOf(message) ?? message.trimEnd() };
}

function fieldsOf(message: string): Record<string, unknown> | undefined {
  const parsed = parseJson(message);
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  return isObject ? (parsed as Record<string, unknown>) : undefined;
}
