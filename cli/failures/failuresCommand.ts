/** `jobs failures`: the items that a job could not process, each with its reason. */
import type { Command } from "commander";
import { type ListedFailure, readFailures } from "../../shared/writing/failureList";
import { jobId } from "../jobId";
import { describeCodes } from "../jobs/describeWriting";
import { resultsOf } from "../results";
import type { Attach, Session } from "../session";
import { counted, oneLine, whole } from "../text/format";
import { wholeNumber } from "../wholeNumber";
import { failureObjects } from "./failureObjects";

interface FailuresFlags {
  readonly reason?: string;
  readonly limit?: number;
}

/** Failures shown as text unless --limit says otherwise. */
const MOST_SHOWN = 100;

const HELP = `
While the job runs, the list holds the failures that its checkpoints record.
CONFLICT marks an item that others changed at each attempt, between the job's read
and its write.
With --json, keys and items are DynamoDB JSON.`;

export function addFailuresCommand(jobs: Command, attach: Attach): void {
  const failures = jobs.command("failures").description("List the items that a job could not process, with reasons.");
  failures
    .argument("<id>", "the job", jobId)
    .option("--reason <code>", "only failures with this code, such as ITEM_TOO_LARGE");
  failures.option("--limit <n>", `most items to list; default: ${MOST_SHOWN}, with --json all`, wholeNumber());
  attach<FailuresFlags>(failures.addHelpText("after", HELP), (session, [id], flags) => list(session, id!, flags));
}

async function list(session: Session, id: string, { reason, limit }: FailuresFlags): Promise<number> {
  const operator = await session.operator();
  const found = await failureObjects(operator, await operator.control.read(id));
  const most = limit ?? (session.json ? Number.POSITIVE_INFINITY : MOST_SHOWN);
  const store = resultsOf(operator);
  const codes = reason === undefined ? found.codes : { [reason]: found.codes[reason] ?? 0 };
  const total = Object.values(codes).reduce((sum, count) => sum + count, 0);
  const listing = session.list("failures");
  let shown = 0;
  for (const key of total === 0 ? [] : found.objects) {
    if (shown >= most) break;
    const wanted = (await readFailures(store, key)).filter(({ code }) => reason === undefined || code === reason);
    for (const failure of wanted.slice(0, most - shown)) listing.add(failure, describeFailure(failure));
    shown += Math.min(wanted.length, most - shown);
  }
  const none = reason === undefined ? "No item is on the list of failures." : noneOf(reason, found.codes);
  listing.end({ total, codes }, total === 0 ? none : summary(total, shown, codes));
  return 0;
}

/** `id=o-1  ITEM_TOO_LARGE  1 attempt  The item would have 410,000 bytes…`. */
export function describeFailure(failure: ListedFailure): string {
  const { code, attempts, reason } = failure;
  return [describeKey(failure), code, counted(attempts, "attempt"), oneLine(reason)].join("  ");
}

/** The item's key, `id=o-1, day=7`, or the line that names none. */
export function describeKey({ key, line }: ListedFailure): string {
  return key === undefined ? `line ${oneLine(line ?? "")}` : keyWords(key);
}

/** `id=o-1, day=7`: the values without their types. */
function keyWords(key: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(key).map(([name, value]) => `${name}=${Object.values(value as object)[0]}`);
  return oneLine(words.join(", "));
}

function noneOf(reason: string, codes: Readonly<Record<string, number>>): string {
  const others = Object.keys(codes).length === 0 ? "" : ` The list has ${describeCodes(codes)}.`;
  return `No item on the list of failures has the code ${reason}.${others}`;
}

function summary(total: number, shown: number, codes: Readonly<Record<string, number>>): string {
  const hidden = total - shown;
  const more = hidden > 0 ? [`… and ${whole(hidden)} more: --limit shows them.`] : [];
  return [...more, `${counted(total, "item")}: ${describeCodes(codes)}`].join("\n");
}
