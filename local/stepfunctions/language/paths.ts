import { JSONPath } from "jsonpath-plus";
import type { Json } from "../../../shared/json";
import { RuntimeFailure, StateError } from "../stateError";

/** The sources of paths and templates: `$` is the data, `$$` the context object. */
export interface Source {
  data: Json;
  context: Json;
}

type Step = string | number;

/** A path to one place, such as `$.jobs[0].id` or `$['a b']`. */
const DEFINITE = /^\$(\.[\w\u0080-\uFFFF-]+|\[\d+\]|\['[^']*'\]|\["[^"]*"\])*$/;
const STEP = /\.([\w\u0080-\uFFFF-]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g;
/** The parts of a path that may select several values: wildcards, descents, slices, lists and filters. */
const SEVERAL = /\*|\.\.|\[[^\]'"]*[:,?]/;

/** The value that a path selects; undefined if there is none. A path that may select several values returns an array. */
export function find(path: string, { data, context }: Source): Json | undefined {
  const [root, rest] = path.startsWith("$$") ? [context, path.slice(1)] : [data, path];
  if (DEFINITE.test(rest)) return stepsOf(rest).reduce<Json | undefined>(child, root);
  const several = SEVERAL.test(rest);
  const isContainer = typeof root === "object" && root !== null;
  const found = isContainer ? JSONPath({ path: rest, json: root, wrap: false, eval: "safe" }) : undefined;
  return found === undefined && several ? [] : found;
}

/** @throws RuntimeFailure if there is no value. */
export function read(path: string, source: Source): Json {
  const found = find(path, source);
  if (found === undefined) throw new RuntimeFailure(`Invalid path '${path}': No results for path: ${path}`);
  return found;
}

/** `InputPath` and `OutputPath`: null stands for an empty object. */
export function select(path: string | null | undefined, data: Json, context: Json): Json {
  if (path === undefined || path === "$") return data;
  return path === null ? {} : read(path, { data, context });
}

/** `ResultPath`: the input with the result at its place. Null drops the result. */
export function place(path: string | null | undefined, input: Json, result: Json): Json {
  if (path === undefined || path === "$") return result;
  if (path === null) return input;
  return put(input, stepsOf(path), result, path);
}

function put(target: Json | undefined, [step, ...rest]: Step[], value: Json, path: string): Json {
  if (step === undefined) return value;
  if (typeof step === "number") {
    if (!Array.isArray(target) || step >= target.length) throw mismatch(path, target);
    return target.with(step, put(target[step], rest, value, path));
  }
  if (target !== undefined && !isObject(target)) throw mismatch(path, target);
  return { ...target, [step]: put(target && child(target, step), rest, value, path) };
}

function mismatch(path: string, target: Json | undefined): StateError {
  const cause = `Unable to apply ReferencePath ${path} to input ${JSON.stringify(target)}`;
  return new StateError("States.ResultPathMatchFailure", cause);
}

function child(value: Json | undefined, step: Step): Json | undefined {
  if (Array.isArray(value)) return typeof step === "number" ? (value as Json[])[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stepsOf(path: string): Step[] {
  return [...path.matchAll(STEP)].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? "") : Number(index),
  );
}
