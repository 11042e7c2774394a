/** `jobs redrive`: starts a job over the failures of another one. */
import type { Command } from "commander";
import { startOptions } from "../../shared/jobs/startRequest";
import type { RequestOption } from "../../shared/requestOption";
import { jobId } from "../jobId";
import { PRICES_FLAG, type PricesFlags, readPrices } from "../prices";
import { readFlags, type StartFlags } from "../requestFlags";
import type { Attach, Session } from "../session";
import { YES_FLAG } from "../start/consent";
import { newJobId } from "../start/request";
import { startJob } from "../start/startJob";
import { toJson } from "../text/json";
import { redriveOf } from "./redriveJob";
import type { Changes } from "./redriveRequest";

const HELP = `
The new job takes over the first job's operation and options, and its write rate
unless you give another. Conflicts count as failures too. If the first job is
paused, the new one works on the failures so far.

Exit code: as for \`start\`.`;

/** Options of a start that a redrive takes. */
const TAKEN = ["readRate", "writeRate", "limitGroup", "maxFailures", "jobId"] as const;

type Flags = StartFlags & PricesFlags & { readonly yes?: boolean; readonly watch?: boolean };

export function addRedriveCommand(jobs: Command, attach: Attach): void {
  const redrive = jobs.command("redrive").description("Start a job over the failures of another job.");
  redrive.argument("<id>", "the job that left failures", jobId);
  for (const { flag, help } of TAKEN.map((name): RequestOption => startOptions[name])) redrive.option(flag, help);
  redrive
    .option(...YES_FLAG)
    .option(...PRICES_FLAG)
    .option("--watch", "then watch the job, as `jobs watch` does");
  attach<Flags>(redrive.addHelpText("after", HELP), (session, [id], flags) => redriveJob(session, id!, flags));
}

async function redriveJob(session: Session, id: string, flags: Flags): Promise<number> {
  const { io } = session;
  const changes = await session.read(() => readFlags(flags, TAKEN) as Changes);
  const prices = await session.read(() => readPrices(flags.prices, io.root));
  const operator = await session.operator();
  const job = await operator.control.read(id);
  const newId = changes.jobId ?? newJobId(job.operation.name, io.clock.now(), io.random);
  const redrive = await redriveOf(operator, job, { ...changes, jobId: newId });
  if (redrive === undefined) {
    const text = `Job ${id} has no failures to redrive. Nothing was started.`;
    session.print(toJson({ job: newId, started: false }, 2), text);
    return 0;
  }
  const { yes = false, watch = false } = flags;
  return startJob(session, redrive.request, {
    ...{ prices, yes, watch, input: redrive.input },
    origin: { action: "redrive", job: id },
  });
}
