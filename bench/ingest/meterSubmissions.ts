import pLimit from "p-limit";
import { ChildCloud } from "../../local/childCloud";
import type { Reading } from "../../local/metering/metering";
import { type MeteredRun, storedIn } from "./intakeUsage";

/** Phones that send at once. */
const SENDING = 40;
const DRAIN_MS = 300_000;
const LOG_MS = 10_000;

/**
 * Sends submissions to the local cloud and meters their usage. Each participant sends two, each by itself, as phones do.
 * The first ones start the functions and make the participants' items, and aren't metered.
 */
export async function meterSubmissions(submissions: number, progress: (line: string) => void): Promise<MeteredRun> {
  const cloud = await ChildCloud.start();
  try {
    await store(cloud, surveysOf(0, submissions));
    const before = await storedLog(cloud, submissions);
    progress(`metering ${submissions} submissions …`);
    await cloud.administer("PUT", "metering");
    await store(cloud, surveysOf(1, submissions));
    const reading = (await cloud.administer("DELETE", "metering")) as unknown as Reading;
    const log = (await storedLog(cloud, 2 * submissions)).slice(before.length);
    const { submissionsTable, resultsTable } = cloud.state.outputs;
    return {
      ...{ submissions, reading, log },
      submissionsTable: String(submissionsTable),
      resultsTable: String(resultsTable),
    };
  } finally {
    await cloud.stop();
  }
}

async function store({ sender, reader }: ChildCloud, surveys: Record<string, unknown>[]): Promise<void> {
  const limit = pLimit(SENDING);
  const results = await Promise.all(surveys.map((survey) => limit(() => sender.sendSurvey(survey))));
  const refused = results.find(({ error }) => error);
  if (refused) throw new Error(refused.error?.message);
  await reader.drained(DRAIN_MS);
}

/** The store function's log, once it reports this many stored submissions: its lines come after the answer. */
async function storedLog(cloud: ChildCloud, stored: number): Promise<string> {
  const deadline = performance.now() + LOG_MS;
  for (;;) {
    const log = await cloud.logs();
    if (storedIn(log) === stored) return log;
    if (performance.now() > deadline) throw new Error(`${storedIn(log)} of ${stored} submissions are stored.`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

function surveysOf(round: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    user_id: `p${index}`,
    timestamp: new Date(Date.UTC(2021, 8, 1 + round) + index * 1_000).toISOString(),
    time_elapsed: 5,
    freetext: "Long day of classes, but a good one",
    ...{ q1: 5, q2: 1, q3: 2, q4: 1, q5: 3 },
  }));
}
