/**
 * Proves a deployed stack, or the local cloud, end to end.
 *
 *   send ─► wait ─► compare ─► refused call ─► count ─► export ─┐
 *     └──────┴─────────┴─ fails, or is interrupted ─────────────┴─► wait for what is under way ─► clean up
 */
import * as v from "valibot";
import { tokensOf } from "../../services/ingest/desk/studyTokens";
import { dollarsFor, type Prices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import type { Intake } from "../intakeStack";
import { checkedOutput } from "../outputClients";
import { senderOf } from "../senderOutput";
import type { Session } from "../session";
import { LocalCloudGone } from "../stackOutputs";
import { counted } from "../text/format";
import { cleanUp } from "./cleanUp";
import { IntakeCheck } from "./intakeCheck";
import { checkJobs, checkPlan } from "./jobsCheck";
import { readSamples, type Sample } from "./samples";
import { sentenceOf } from "./sentence";

/** Time between two looks at the samples, milliseconds. */
const POLL_MS = 2_000;
/** How long to wait, before the clean-up, for samples that are still under way. */
const LAST_WAIT_MS = 15_000;

const Rules = v.object({
  rules: v.object({
    minSeconds: v.number(),
    requireFreetext: v.boolean(),
    answerMin: v.number(),
    answerMax: v.number(),
    minAnswers: v.number(),
    participantTokens: v.boolean(),
  }),
});

/** The most that a run uses besides its jobs: requests to send, store, wait, compare and delete. */
const REQUESTS = {
  queueRequests: 100,
  objectWrites: 700,
  objectReads: 300,
  tableWrites: 200,
  tableReads: 1_000,
} as const;

export interface SmokeOptions {
  readonly session: Session;
  /** The run's id. Everything that the run makes has it in its name. */
  readonly run: string;
  /** A table to count and export in place of the results table. */
  readonly table: string | undefined;
  readonly prices: Prices;
  /** Aborts when time is over. */
  readonly timeout: AbortSignal;
  /** Aborts on Ctrl-C. */
  readonly interrupt: AbortSignal;
  /** Reports what it waits for from now on. */
  readonly begun: (step: string) => void;
  /** Reports a check that passed. */
  readonly passed: (check: string) => void;
}

/**
 * @returns dollars, at most. @throws SluiceError SMOKE_FAILED, INTERRUPTED: one sentence with what went wrong and what is left;
 * LocalCloudGone
 */
export async function smoke(options: SmokeOptions): Promise<number> {
  const { session, run, interrupt } = options;
  const intake = await session.intake();
  const samples = await readSamples(run);
  const check = new IntakeCheck(intake, samples);
  let jobDollars = 0;
  let failure: unknown;
  try {
    jobDollars = await checks(options, intake, check, samples);
  } catch (error) {
    // All that the test made is gone with the local cloud.
    if (error instanceof LocalCloudGone) throw error;
    failure = error ?? new Error("no reason given");
  }
  options.begun("Cleaning up");
  const waiting = await underWayAtLast(check, session);
  const left = await cleanUp(session, run, waiting === 0);
  if (failure === undefined && left.length === 0) {
    options.passed("left nothing behind");
    return jobDollars + requestDollars(options.prices);
  }
  const what = failure === undefined ? "the clean-up failed" : reasonOf(failure, options);
  throw new SluiceError(
    interrupt.aborted ? "INTERRUPTED" : "SMOKE_FAILED",
    `Smoke test ${run}: ${what}. ${remainder(options, waiting, left)}`,
    { cause: failure },
  );
}

async function checks(options: SmokeOptions, intake: Intake, check: IntakeCheck, samples: readonly Sample[]) {
  const { session, run, table, prices, timeout, interrupt, begun, passed } = options;
  const { clock } = session.io;
  const signal = AbortSignal.any([timeout, interrupt]);
  const [output, stack] = await session.output("sender");
  const { participantTokens, ...policy } = checkedOutput(Rules, output.value, { name: "sender", stack }).rules;
  const participantToken = participantTokens ? await tokensOf(intake) : undefined;
  const operator = await session.operator();
  const { resultsTable } = intake;
  await checkPlan({ operator, run, table, resultsTable });
  signal.throwIfAborted();
  const sender = senderOf(output, stack, participantToken);
  begun(`Sending ${counted(samples.length, "sample")}`);
  await check.send(sender).finally(() => sender.close());
  passed(`sent ${counted(samples.length, "sample")}`);
  begun("Waiting until they are stored or quarantined");
  await dealtWith(check, options, signal);
  const { accepted, quarantined, participants: expected } = await check.compare(policy, clock.now());
  passed(`found ${accepted} stored and ${quarantined} quarantined, as the stack's rules require`);
  await check.tryUnsigned(sender.queueUrl, signal);
  passed("checked that SQS refuses a message without a signature");
  begun(`Counting and exporting table ${table ?? resultsTable}`);
  const { items, dollars } = await checkJobs({ session, operator, run, resultsTable, table, expected, prices, signal });
  passed(`counted and exported ${counted(items, "item")} of table ${table ?? resultsTable}`);
  return dollars;
}

/** @throws SluiceError SMOKE_FAILED if time runs out first */
async function dealtWith(check: IntakeCheck, { session, timeout }: SmokeOptions, signal: AbortSignal): Promise<void> {
  for (let left = await check.underWay(); left > 0; left = await check.underWay()) {
    await session.io.clock.sleep(POLL_MS, signal).catch((error) => {
      if (error !== timeout.reason) throw error;
      const message = `after the wait, ${counted(left, "sample")} ${left === 1 ? "was" : "were"} neither stored nor quarantined; \`intake status\` and the store function's log have more`;
      throw new SluiceError("SMOKE_FAILED", message, { cause: error });
    });
  }
}

/** How many samples are still under way once the last wait is over. */
async function underWayAtLast(check: IntakeCheck, { io: { clock } }: Session): Promise<number> {
  for (const until = clock.now() + LAST_WAIT_MS; ; await clock.sleep(POLL_MS)) {
    const left = await check.underWay().catch((error) => {
      if (error instanceof LocalCloudGone) throw error;
      // If nobody can look, assume the worst.
      return Number.POSITIVE_INFINITY;
    });
    if (left === 0 || clock.now() >= until) return left;
  }
}

function reasonOf(failure: unknown, { interrupt, timeout }: SmokeOptions): string {
  if (interrupt.aborted) return "interrupted";
  if (failure === timeout.reason) return "the jobs did not end in time; `jobs list` and the functions' logs have more";
  return sentenceOf(failure);
}

function remainder({ session, run }: SmokeOptions, waiting: number, left: readonly string[]): string {
  const again = `\`${session.hint(`smoke --clean ${run}`)}\``;
  const failed = left.length === 0 ? "" : `The clean-up failed (${left.join("; ")}): run ${again}.`;
  if (waiting === 0) return failed || "It left nothing behind.";
  const marks = `Some of its messages are still in the queue. Its participants stay marked as erased, so the store function drops these messages. Once it has, run ${again} to remove the marks.`;
  return failed || marks;
}

function requestDollars(prices: Prices): number {
  const amounts = Object.entries(REQUESTS) as [keyof typeof REQUESTS, number][];
  return amounts.reduce((sum, [name, amount]) => sum + (dollarsFor(amount, name, prices) ?? 0), 0);
}
