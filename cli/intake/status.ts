import type { Command } from "commander";
import type { Attach } from "../session";
import { decimal, duration, whole } from "../text/format";
import { toJson } from "../text/json";
import { textPairs } from "../text/table";
import { withIntakeQueues } from "./intakeQueues";
import { type IntakeStatus, RATE_MINUTES, readStatus } from "./readStatus";

const HELP = `
SQS counts messages only approximately. The other figures come from CloudWatch,
which is a minute or two behind. Today begins at midnight UTC.`;

/** `intake status`. */
export function addStatusCommand(intake: Command, attach: Attach): void {
  const status = intake.command("status").description("Show what waits, what is stored, and what was refused today.");
  attach(status.addHelpText("after", HELP), (session) =>
    withIntakeQueues(session, async (queues) => {
      const found = await readStatus(queues, session.io.clock.now());
      session.print(toJson(found, 2), renderStatus(found, session.hint("intake dead list")));
      return 0;
    }),
  );
}

/** @param deadList the command that lists dead letters */
export function renderStatus(status: IntakeStatus, deadList: string): string {
  const { waiting, inFlight, oldestSeconds, deadLetters, storedPerMinute, quarantinedToday } = status;
  const idle = waiting + inFlight === 0;
  const age = oldestSeconds === null ? "not known yet" : duration(oldestSeconds);
  return textPairs([
    ["Waiting", whole(waiting)],
    ["In flight", whole(inFlight)],
    ["Oldest", idle ? "none" : age],
    ["Dead letters", deadLetters === 0 ? "none" : `${whole(deadLetters)}; to see why: ${deadList}`],
    ["Stored", `${decimal(storedPerMinute)} a minute, in the last ${RATE_MINUTES} minutes`],
    ["Quarantined", quarantinedToday === 0 ? "none today" : `${whole(quarantinedToday)} today: ${reasons(status)}`],
  ]);
}

function reasons({ quarantinedByReason }: IntakeStatus): string {
  const named = Object.entries(quarantinedByReason).map(([reason, count]) => `${whole(count)} ${reason}`);
  return named.join(", ") || "reasons not known yet";
}
