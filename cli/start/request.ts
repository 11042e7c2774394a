/** Turns the flags of `start` into the request that the start function takes. */
import type { Command } from "commander";
import { requestProblems } from "../../shared/jobs/requestProblems";
import { type StartRequest, sourceOf, startForm, startOptions } from "../../shared/jobs/startRequest";
import { operationNamed } from "../../shared/operations/registry";
import type { RequestOption } from "../../shared/requestOption";
import { sourceKind } from "../../shared/sources/registry";
import { parseFlags, type StartFlags, underFlag } from "../requestFlags";

/** A request with its job's id. */
export type IdentifiedRequest = StartRequest & { readonly jobId: string };

const LOCAL = /^keys:(?!s3:\/\/)(.*)$/s;

/** Gives a command the arguments and flags of a start request. */
export function addStartOptions(command: Command): Command {
  command.argument("<operation>", "count, export, update, delete, copy, or one of your own that the stack has");
  command.argument("<table>", "the table's name");
  for (const { flag, help } of Object.values<RequestOption>(startOptions)) command.option(flag, help);
  return command;
}

/** Path of the file that a request names as its list; undefined: it names no file on this machine. */
export function localListOf({ source = "" }: Pick<StartRequest, "source">): string | undefined {
  return LOCAL.exec(source)?.[1];
}

/** A request as it was typed. */
export interface TypedRequest {
  /** Without options that can't be read. */
  readonly request: IdentifiedRequest;
  /** All problems that this machine can find, a sentence each. The start function knows the tables. */
  readonly problems: readonly string[];
}

/** Arguments are empty if they are missing, which the command line reports itself. */
export function startRequest(operation: string, table: string, flags: StartFlags, jobId: string): TypedRequest {
  const { read, problems, unreadable } = parseFlags(flags);
  const given: Record<string, unknown> = { operation: operation || "count", table: table || "table", ...read };
  const form = startForm({ ...given, ...placeholder(read, flags.startExport === true) });
  const known = operationNamed(operation);
  // The stack may have operations of its own that are not here.
  const more =
    known === undefined || form.sound.table === undefined || (form.given.has("source") && !form.sound.source)
      ? []
      : requestProblems({
          form: { ...form, given: new Set([...form.given, ...unreadable]) },
          kind: sourceKind(sourceOf(form.sound)),
          operation: known,
        });
  const request = { jobId, ...given, operation, table } as IdentifiedRequest;
  return { request, problems: [...problems, ...[...form.problems, ...more].map(underFlag)] };
}

/** The source that a request will have when its list is uploaded or its table is exported. */
function placeholder({ source }: { readonly source?: string }, startExport: boolean): Pick<StartRequest, "source"> {
  if (startExport) return { source: "export:s3://bucket/AWSDynamoDB/export" };
  return source !== undefined && localListOf({ source }) !== undefined ? { source: "keys:s3://bucket/list" } : {};
}

/** Random letters or digits of a job id. */
const RANDOM_CHARACTERS = 4;

/**
 * An id for a job: operation, time in UTC, four random letters or digits. The command makes it, not the start function:
 * if an answer is lost, the repeated request must not start a second job.
 */
export function newJobId(operation: string, now: number, random: () => number): string {
  const name = operation.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40);
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const suffix = Array.from({ length: RANDOM_CHARACTERS }, () => Math.floor(random() * 36).toString(36)).join("");
  return `${name}-${time}-${suffix}`;
}
