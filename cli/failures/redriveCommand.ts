/** `jobs redrive`: starts a job over the failures of another one. */
import type { Command } from "commander";
import { listPrefix } from "../../shared/jobs/inputs";
import type { Job } from "../../shared/jobs/job";
import { startOptions } from "../../shared/jobs/startRequest";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import type { RequestOption } from "../../shared/requestOption";
import { putText } from "../../shared/results/putText";
import { removeObject } from "../../shared/results/storedObject";
import { type FailureManifest, failureManifestKey } from "../../shared/writing/failureList";
import type { Operator } from "../operator";
import { PRICES_FLAG, type PricesFlags, readPrices } from "../prices";
import { resultsOf } from "../results";
import type { Attach, Session } from "../session";
import { YES_FLAG } from "../start/consent";
import { newJobId, readFlags, type StartFlags } from "../start/request";
import { type Input, startJob } from "../start/startJob";
import { toJson } from "../text/json";
import { failureObjects } from "./failureObjects";
import { type Changes, checkRedrive, redriveRequest } from "./redriveRequest";

const HELP = `
The new job has the operation and the options of the first one, and its write
rate unless you give another. Conflicts are on the list too. A paused job's
failures are those so far. Exit code: as for \`start\`.`;

/** Options of a start that a redrive takes. */
const TAKEN = ["readRate", "writeRate", "limitGroup", "maxFailures", "jobId"] as const;

type Flags = StartFlags & PricesFlags & { readonly yes?: boolean; readonly watch?: boolean };

export function addRedriveCommand(jobs: Command, attach: Attach): void {
  const redrive = jobs.command("redrive").description("Start a job over the failures of one that has ended.");
  redrive.argument("<id>", "the job that left failures");
  for (const { flag, help } of TAKEN.map((name): RequestOption => startOptions[name])) redrive.option(flag, help);
  redrive
    .option(...YES_FLAG)
    .option(...PRICES_FLAG)
    .option("--watch", "go on as `jobs watch`");
  attach<Flags>(redrive.addHelpText("after", HELP), (session, [id], flags) => redriveJob(session, id!, flags));
}

async function redriveJob(session: Session, id: string, flags: Flags): Promise<number> {
  const { io } = session;
  const changes = readFlags(flags, TAKEN) as Changes;
  const prices = await readPrices(flags.prices, io.root);
  const operator = await session.operator();
  const job = await operator.control.read(id);
  checkRedrive(job);
  const jobId = changes.jobId ?? newJobId(job.operation.name, io.clock.now(), io.random);
  const found = await failureObjects(operator, job);
  if (found.total === 0) {
    const text = `Job ${id} has no failures to redrive. Nothing was started.`;
    session.print(toJson({ job: jobId, started: false }, 2), text);
    return 0;
  }
  const manifest = { job: id, ...found };
  const key = job.state === "completed" ? ownManifest(job) : `${listPrefix(jobId)}manifest.json`;
  const request = redriveRequest(job, `keys:s3://${operator.resultsBucket}/${key}`, { ...changes, jobId });
  const { yes = false, watch = false } = flags;
  const input = async (): Promise<Input> => {
    if (job.state === "completed") return { request };
    return { request, withdraw: await putManifest(operator, key, manifest) };
  };
  return startJob(session, request, { prices, yes, watch, input });
}

/** A completed job has a manifest of its own. */
function ownManifest({ operation, id }: Job): string {
  return failureManifestKey(ownPrefix(operation.name, id));
}

/** A job that has none yet gets one beside it, which a later end of that job leaves as it is. @returns removes it again */
async function putManifest(operator: Operator, key: string, manifest: FailureManifest): Promise<() => Promise<void>> {
  const results = resultsOf(operator);
  await putText(results, key, [JSON.stringify(manifest)]);
  return () => removeObject(results, key);
}
