/** The form that starts a job: its fields come from the start request's options, and its contents become a request. */

import { type StartRequest, startForm, startOptions } from "../../../shared/jobs/startRequest";
import { operationNamed, operationNames } from "../../../shared/operations/registry";
import { cut, type RequestOption, Unreadable } from "../../../shared/requestOption";
import { sourceKinds } from "../../../shared/sources/registry";
import { RequestProblems } from "../../errors";
import { readOption } from "../../requestFlags";
import type { IdentifiedRequest } from "../../start/request";
import type { FormDocument, FormField, FormValues } from "../contract";

const options = startOptions as Readonly<Record<string, RequestOption>>;

/** Every job has these. */
const COMMON = ["source", "driver", "readRate", "writeRate", "limitGroup"];

/** The form as it is for every job; see `FormDocument`. */
export function formFields(): Pick<FormDocument, "operations" | "fields" | "fieldsOf" | "sourceFields"> {
  // An undo needs the former values of another job, so its button is in that job's view.
  const operations = operationNames().filter((name) => name !== "undo");
  return {
    operations,
    fields: Object.entries(options)
      .filter(([name]) => name !== "jobId")
      .map(([name, option]) => fieldOf(name, option)),
    fieldsOf: Object.fromEntries(operations.map((name) => [name, fieldsOf(name)])),
    sourceFields: Object.fromEntries(sourceKinds.map(({ kind, options }) => [kind, Object.keys(options)])),
  };
}

/** Fields of an operation whatever its source, and (with a minus before the name) fields of sources that make no sense with it. */
function fieldsOf(operation: string): string[] {
  const { options: own = {}, freeParams = false, excludes = {} } = operationNamed(operation) ?? {};
  const excluded = Object.keys(excludes).map((name) => `-${name}`);
  return [...COMMON, ...Object.keys(own), ...(freeParams ? ["params"] : []), ...excluded];
}

function fieldOf(name: string, { help, flag, schema }: RequestOption): FormField {
  const label = name
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^./, (first) => first.toUpperCase());
  const choices = choicesOf(schema);
  const kind = choices !== undefined ? "choice" : !flag.includes("<") ? "switch" : /json>/.test(flag) ? "json" : "text";
  return { name, label, help, kind, ...(choices === undefined ? {} : { choices }) };
}

/** The values of a picklist. */
function choicesOf(schema: RequestOption["schema"]): string[] | undefined {
  const { wrapped = schema } = schema as { wrapped?: unknown };
  const { type, options } = wrapped as { type?: string; options?: readonly unknown[] };
  return type === "picklist" ? options?.map(String) : undefined;
}

/** A request as it would be typed into the form. */
export function valuesOf(request: StartRequest): FormValues {
  const given = Object.entries(request).filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(given.map(([name, value]) => [name, typed(value)]));
}

function typed(value: unknown): string | boolean {
  if (typeof value === "boolean" || typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value, undefined, 2) : String(value);
}

/** The request that was typed. @throws RequestProblems with all of them, beside their fields */
export function requestOf(values: FormValues, jobId: string): IdentifiedRequest {
  const request: Record<string, unknown> = { jobId };
  const problems: string[] = [];
  for (const [name, given] of Object.entries(values)) {
    if (given === false || (typeof given === "string" && given.trim() === "")) continue;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const value = option === undefined ? given : readOption(option, given);
    if (value instanceof Unreadable) problems.push(`${name} must be ${value.rule}, got ${cut(String(given))}.`);
    else request[name] = value;
  }
  problems.push(...startForm(request).problems);
  if (problems.length > 0) throw problemsOf(problems);
  return request as IdentifiedRequest;
}

/** Sentences that begin with a field's name belong beside it. */
export function problemsOf(sentences: readonly string[], code?: string): RequestProblems {
  const general: string[] = [];
  const fields: Record<string, string[]> = {};
  for (const sentence of sentences) {
    const name = /^\w+/.exec(sentence)?.[0] ?? "";
    if (name !== "operation" && name !== "table" && !Object.hasOwn(options, name)) general.push(sentence);
    else fields[name] = [...(fields[name] ?? []), sentence];
  }
  return new RequestProblems(general, { fields, ...(code !== undefined && { code }) });
}
