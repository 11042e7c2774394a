/** `--start-export` and the flags that go with it. */
import type { FilterSpecification } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { attributeValues } from "../../shared/aws/expressions/values";
import { SluiceError } from "../../shared/errors";
import { readParams, type StartRequest } from "../../shared/jobs/startRequest";
import { operationNamed } from "../../shared/operations/registry";
import { cut, Unreadable } from "../../shared/requestOption";
import { checkUsage } from "../command";
import { interrupted } from "../errors";
import { complain } from "../io";
import type { Operator } from "../operator";
import type { Session } from "../session";
import { counted } from "../text/format";
import type { IdentifiedRequest } from "./request";
import type { Input } from "./startJob";
import { exportTable } from "./tableExport";

export interface ExportFlags {
  readonly startExport?: boolean;
  readonly exportFilter?: string;
  readonly exportProjection?: string;
  readonly exportNames?: string;
  readonly exportValues?: string;
}

export function addExportFlags(command: Command): Command {
  return command
    .option("--start-export", "have AWS export the table first, and read that export")
    .option("--export-filter <expression>", "a filter expression: which items AWS exports")
    .option("--export-projection <expression>", "a projection expression: which attributes AWS exports")
    .option("--export-names <json>", "names in the export's expressions")
    .option("--export-values <json>", "values in the export's expressions, as plain JSON");
}

/**
 * Which part of the table is exported. Undefined: all of it.
 * @throws RequestProblems `USAGE` with every problem
 */
export function exportFilterOf(
  flags: ExportFlags,
  { source }: Pick<StartRequest, "source">,
): FilterSpecification | undefined {
  const { startExport = false, exportFilter, exportProjection, exportNames, exportValues } = flags;
  const given = [exportFilter, exportProjection, exportNames, exportValues].some((flag) => flag !== undefined);
  const problems: string[] = [];
  if (given && !startExport) problems.push("--export-filter and the other --export options need --start-export.");
  if (startExport && source !== undefined) problems.push("--start-export provides the source: leave out --source.");
  const names = objectOf("--export-names", exportNames, problems);
  const values = valuesOf(objectOf("--export-values", exportValues, problems), problems);
  if (exportNames !== undefined && exportFilter === undefined && exportProjection === undefined) {
    problems.push("--export-names need --export-filter or --export-projection.");
  }
  if (exportValues !== undefined && exportFilter === undefined) {
    problems.push("--export-values need --export-filter.");
  }
  const wrong = Object.values(names ?? {}).some((name) => typeof name !== "string" || name === "");
  if (wrong) problems.push(`--export-names must be a JSON object of names of attributes, got ${cut(exportNames!)}.`);
  checkUsage(problems);
  if (!given) return undefined;
  return {
    ...(exportFilter === undefined ? {} : { FilterExpression: exportFilter }),
    ...(exportProjection === undefined ? {} : { ProjectionExpression: exportProjection }),
    ...(names === undefined ? {} : { ExpressionAttributeNames: names as Record<string, string> }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
  };
}

function objectOf(flag: string, given: string | undefined, problems: string[]): Record<string, unknown> | undefined {
  if (given === undefined) return undefined;
  const read = readParams(given);
  if (!(read instanceof Unreadable)) return read;
  problems.push(`${flag} must be ${read.rule}, got ${cut(given)}.`);
  return undefined;
}

function valuesOf(given: Record<string, unknown> | undefined, problems: string[]) {
  try {
    return given && attributeValues(given);
  } catch (error) {
    problems.push(`--export-values: ${(error as Error).message}`);
    return undefined;
  }
}

/** Names of the attributes on which a job's decisions depend. None if the request is invalid: its start reports why. */
export function attributesRead(request: StartRequest): readonly string[] {
  const { reads, check } = operationNamed(request.operation) ?? {};
  return reads === undefined || check!(request, { source: "export" }).length > 0 ? [] : reads(request);
}

/** The former values of deleted items are those that were read. */
function checkDeletion({ operation, keepBefore }: StartRequest, filter: FilterSpecification | undefined): void {
  if (operation !== "delete" || keepBefore !== true || filter?.ProjectionExpression === undefined) return;
  const message = "--keep-before needs whole items: leave out --export-projection.";
  throw new SluiceError("USAGE", message, { value: filter.ProjectionExpression });
}

/**
 * Exports the table and makes the export the request's source.
 * @throws SluiceError `INTERRUPTED` if Ctrl-C stopped the waiting
 */
export async function exportInput(
  session: Session,
  { dynamodb, resultsBucket }: Operator,
  request: IdentifiedRequest,
  filter: FilterSpecification | undefined,
): Promise<Input> {
  const { io } = session;
  checkDeletion(request, filter);
  const { place, completed } = await exportTable({
    ...{ dynamodb, bucket: resultsBucket, table: request.table, job: request.jobId, filter },
    reads: attributesRead(request),
    ...{ clock: io.clock, signal: session.interruptible() },
    onLook: ({ place, items, done }) => {
      const count = items === undefined ? "" : `, ${counted(items, "item")}`;
      const text = done
        ? `The export is complete${count}.`
        : `AWS is exporting table ${request.table} to ${place}. This takes at least a few minutes.`;
      complain(io, text);
    },
  });
  if (completed) return { request: { ...request, source: `export:${place}` } };
  const message =
    "Stopped waiting; the export goes on, and nothing was started. Once it is complete, repeat the command with " +
    `--source export:${place} in place of --start-export.`;
  throw interrupted(message);
}
