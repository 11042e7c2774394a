/** The options of `scan start` as the request that the start function takes. Pure. */
import { SluiceError } from "../../shared/errors";
import type { StartRequest } from "../../shared/jobs/startFunction";

/** The options as they were typed. */
export interface StartFlags {
  operation: string;
  rate: string;
  segments?: string;
  index?: string;
  consistent?: boolean;
  filter?: string;
  projection?: string;
  names?: string;
  values?: string;
  exportPrefix?: string;
  format?: NonNullable<StartRequest["format"]>;
  params?: string;
  jobId?: string;
}

/**
 * Says of an option only whether it can be read; whether the table allows it the start function knows.
 *
 * @throws SluiceError USAGE, with every problem on a line
 */
export function startRequest(table: string, flags: StartFlags, jobId: string): StartRequest {
  const problems: string[] = [];
  const read = <T>(option: string, text: string | undefined, reader: (text: string) => T | Problem) => {
    const value = text === undefined ? undefined : reader(text);
    if (!(value instanceof Problem)) return value;
    problems.push(`--${option} must be ${value.rule}, got ${text}.`);
    return undefined;
  };
  const request = {
    table,
    operation: flags.operation,
    rate: { rcu: read("rate", flags.rate, readRate) ?? 0 },
    totalSegments: read("segments", flags.segments, readSegments),
    index: flags.index,
    consistentRead: flags.consistent,
    filter: flags.filter,
    projection: flags.projection,
    names: read<Record<string, string>>("names", flags.names, readObject),
    values: read<Record<string, unknown>>("values", flags.values, readObject),
    exportPrefix: flags.exportPrefix,
    format: flags.format,
    params: read<Record<string, unknown>>("params", flags.params, readObject),
    jobId: flags.jobId ?? jobId,
  };
  if (problems.length > 0) throw new SluiceError("USAGE", problems.join("\n"), { value: flags });
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as StartRequest;
}

/** Digits of a job id that are drawn by lot. */
const LOTS = 4;

/**
 * An id for a job: operation, time in UTC, four random letters or digits. It is made here and not by the start function,
 * because a request that is sent twice, as its answer was lost, must not start two jobs.
 */
export function newJobId(operation: string, now: number, random: () => number): string {
  const name = operation.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40);
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const lot = Array.from({ length: LOTS }, () => Math.floor(random() * 36).toString(36)).join("");
  return `${name}-${time}-${lot}`;
}

/** What an option must be. */
class Problem {
  constructor(readonly rule: string) {}
}

function readRate(text: string): number | string | Problem {
  if (/^\d+(\.\d+)?%$/.test(text)) return text;
  return finite(text) ?? new Problem("RCU/s or a percentage such as 50%");
}

function readSegments(text: string): number | "auto" | Problem {
  return text === "auto" ? "auto" : (finite(text) ?? new Problem("a number of segments or auto"));
}

/** What is in the object the start function checks. */
function readObject<T>(text: string): T | Problem {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // the problem says it
  }
  return new Problem("a JSON object");
}

function finite(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
}
