import { setTimeout as sleep } from "node:timers/promises";
import { finalStates, type Job } from "../../shared/jobs/job";
import type { Unit } from "../../shared/jobs/unit";
import type { Patience } from "../scan/follow";
import type { Backfill } from "./backfill";
import { type JobName, jobNames } from "./jobs";

/** The progress of all jobs. */
export interface Standings {
  readonly jobs: Readonly<Record<JobName, { readonly job: Job; readonly units: Unit[] }>>;
  /** Items read and checkpointed, of all jobs together. */
  readonly items: number;
}

const LOOK_EVERY_MS = 1_000;

export async function standingsOf(backfill: Backfill): Promise<Standings> {
  const entries = jobNames.map(async (name) => {
    const [job, units] = await Promise.all([backfill.job(name), backfill.units(name)]);
    return [name, { job, units }] as const;
  });
  const jobs = Object.fromEntries(await Promise.all(entries)) as Standings["jobs"];
  const items = jobNames.reduce((sum, name) => sum + itemsOf(jobs[name].units), 0);
  return { jobs, items };
}

function itemsOf(units: readonly Unit[]): number {
  return units.reduce((sum, { counts }) => sum + counts.scannedItems, 0);
}

/**
 * Checks once a second until `enough` returns true, all jobs have ended, or the time is over.
 * @throws the signal's reason.
 */
export async function followAll(
  backfill: Backfill,
  { deadline, signal }: Patience,
  enough: (standings: Standings) => Promise<boolean>,
): Promise<Standings> {
  for (;;) {
    const standings = await standingsOf(backfill);
    if (await enough(standings)) return standings;
    const allEnded = jobNames.every((name) => finalStates.includes(standings.jobs[name].job.state));
    if (allEnded || performance.now() > deadline) return standings;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** The progress as one line of text. */
export function describeStandings({ jobs }: Standings): string {
  const parts = jobNames.map((name) => {
    const { job, units } = jobs[name];
    const done = units.filter(({ state }) => state === "done").length;
    return `${name} ${job.state} ${itemsOf(units)} items ${done}/${job.units} units`;
  });
  return parts.join(", ");
}
