/** `intake dead list | redrive`: wiring only. */
import type { Command } from "commander";
import { interrupted } from "../errors";
import { complain } from "../io";
import { type Progress, progressBar } from "../progress";
import type { Attach, Session } from "../session";
import { bytes, counted, duration, whole } from "../text/format";
import { toJson } from "../text/json";
import { textTable } from "../text/table";
import { wholeNumber } from "../wholeNumber";
import { type DeadLetter, listDeadLetters } from "./deadLetters";
import { type IntakeQueues, withIntakeQueues } from "./intakeQueues";
import { countDeadLetters, type Redrive, startRedrive, watchRedrive } from "./redrive";

const MOST_LISTED = 1_000;
/** SQS moves no more than this many a second. */
const MOST_PER_SECOND = 500;

const LIST_HELP = `
The command receives the letters, which hides them for up to a minute, and gives
them back. So nothing is consumed, but the count of receives grows. The last
error comes from the store function's log. There is none if the function never
answered (it crashed or timed out), or if the log has expired.`;

const REDRIVE_HELP = `
Nothing is counted twice, however often letters are moved. Ctrl-C stops watching;
the move goes on.

Exit code: 0 all are moved, 1 the move failed, else as for all commands.`;

export function addDeadCommands(intake: Command, attach: Attach): void {
  const dead = intake
    .command("dead")
    .description("List submissions that failed too often, and move them back to the queue.");
  const list = dead.command("list").description("List dead letters with the last error, without consuming them.");
  list.option("--limit <n>", `most letters to list, 1 to ${MOST_LISTED}`, wholeNumber(MOST_LISTED), 100);
  attach<{ limit: number }>(list.addHelpText("after", LIST_HELP), (session, _args, { limit }) =>
    withIntakeQueues(session, (queues) => printLetters(session, queues, limit)),
  );

  const redrive = dead.command("redrive").description("Move dead letters back to the queue, and wait for the end.");
  redrive.option(
    "--max-per-second <n>",
    `most letters to move per second, 1 to ${MOST_PER_SECOND}`,
    wholeNumber(MOST_PER_SECOND),
  );
  attach<{ maxPerSecond?: number }>(redrive.addHelpText("after", REDRIVE_HELP), (session, _args, { maxPerSecond }) =>
    withIntakeQueues(session, (queues) => moveBack(session, queues, maxPerSecond)),
  );
}

async function printLetters(session: Session, queues: IntakeQueues, limit: number): Promise<number> {
  const total = await countDeadLetters(queues);
  const letters = total === 0 ? [] : await listDeadLetters(queues, limit);
  const now = session.io.clock.now();
  session.print(
    toJson({ total: Math.max(total, letters.length), letters }, 2),
    renderLetters(letters, total, now, session.width),
  );
  return 0;
}

/** @param total how many there are, approximately. @param now milliseconds since the epoch. @param width columns of the terminal */
export function renderLetters(letters: readonly DeadLetter[], total: number, now: number, width?: number): string {
  if (letters.length === 0 && total === 0) return "There are no dead letters.";
  const columns = [
    { head: "MESSAGE" },
    { head: "PARTICIPANT" },
    { head: "AGE", align: "right" },
    { head: "RECEIVES", align: "right" },
    { head: "SIZE", align: "right" },
    { head: "LAST ERROR" },
  ] as const;
  const rows = letters.map(({ messageId, userId, sentAt, receives, bytes: size, lastError }) => [
    messageId,
    userId ?? "?",
    duration((now - Date.parse(sentAt)) / 1_000),
    whole(receives),
    bytes(size),
    lastError ?? "not in the log",
  ]);
  const more = total - letters.length;
  return [textTable(columns, rows, width), ...(more > 0 ? [`${whole(more)} more; --limit shows more.`] : [])].join(
    "\n",
  );
}

async function moveBack(session: Session, queues: IntakeQueues, perSecond: number | undefined): Promise<number> {
  const { io } = session;
  const toMove = await countDeadLetters(queues);
  if (toMove === 0) {
    session.print(toJson({ status: "COMPLETED", moved: 0, toMove: 0 }, 2), "There are no dead letters.");
    return 0;
  }
  const signal = session.interruptible();
  const { already, after } = await startRedrive(queues, perSecond);
  if (already) complain(io, "A move is already running; this command watches it.");
  let bar: Progress | undefined;
  const onLook = (look: Redrive) => {
    bar ??= progressBar("moved", look.toMove, io.stderr);
    bar.update(look.moved);
  };
  const end = await watchRedrive(queues, { clock: io.clock, signal, onLook, after }).finally(() => bar?.stop());
  if (end === undefined) {
    const again = session.hint("intake dead redrive");
    throw interrupted(`Stopped watching; the move goes on. To watch again: ${again}`);
  }
  session.print(toJson(end, 2), renderEnd(end));
  return end.status === "COMPLETED" ? 0 : 1;
}

export function renderEnd({ status, moved, failure }: Redrive): string {
  const letters = counted(moved, "dead letter");
  if (status === "COMPLETED") return `Moved ${letters} back to the queue.`;
  if (status === "CANCELLED") return `The move was cancelled after ${letters}.`;
  return `The move failed after ${letters}: ${failure ?? "SQS gives no reason"}.`;
}
