import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Demonstration, differences, type ExpectedOutcome } from "../../local/demonstration";
import { seededRandom, shuffled } from "../../local/faults/random";
import expected from "../fixtures/expected.json";
import { RunningCloud } from "./runningCloud";

const FOLDER = resolve(__dirname, "../fixtures/surveys");
const files = readdirSync(FOLDER).sort();

/** The id of the submission in a file. */
function idIn(file: string): string {
  const { user_id, timestamp } = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
  return `${user_id}${timestamp}`;
}

/** One record for each participant and set of reasons. */
function distinct(records: Demonstration["quarantined"]): Demonstration["quarantined"] {
  const named = records.map((record): [string, typeof record] => [
    JSON.stringify([record.key.split("/").slice(0, -1), record.reasons]),
    record,
  ]);
  return [...new Map(named).values()];
}

describe.each([1, 2])("the sample surveys in random order %i, each sent one to five times", (seed) => {
  let cloud: RunningCloud;
  beforeAll(async () => {
    cloud = await RunningCloud.start();
  });
  afterAll(() => cloud?.stop());

  test("have the outcome the fixtures name", async () => {
    const random = seededRandom(seed);
    const repeated = files.flatMap((file) => Array<string>(1 + Math.floor(random() * 5)).fill(file));
    const results = await cloud.sender.sendSurveys(shuffled(repeated, random).map((file) => join(FOLDER, file)));
    expect(results.map(({ statusCode }) => statusCode)).toEqual(repeated.map(() => 200));
    await cloud.reader.drained(60_000);
    const { quarantined, ...state } = await cloud.reader.state();
    const accepted = new Set(state.rawKeys);
    const refused = repeated.filter((file) => !accepted.has(`${idIn(file)}.json`));
    // Each message has an object of its own there.
    expect(quarantined).toHaveLength(refused.length);
    const found: Demonstration = {
      sent: expected.sent,
      statusCodes: expected.statusCodes as 200[],
      ...{ ...state, quarantined: distinct(quarantined) },
    };
    expect(differences(found, expected as ExpectedOutcome)).toEqual([]);
  });
});
