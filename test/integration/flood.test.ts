import { seededRandom } from "../../local/faults/random";
import { RunningCloud } from "./runningCloud";
import { expectedParticipants, type Survey, secondOfDay, survey } from "./surveys";

jest.setTimeout(300_000);

const SURVEYS = 500;
const PARTICIPANTS = 100;

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await RunningCloud.start({ ingestTimeoutSeconds: "5" });
});
afterAll(() => cloud?.stop());

test("five hundred surveys at once, every tenth sent twice, one function in twenty killed: each survey counts once", async () => {
  const random = seededRandom(20_211);
  const surveys = Array.from({ length: SURVEYS }, (_, index): Survey => {
    const user_id = `p-${index % PARTICIPANTS}`;
    // One survey in fifty was answered too quickly and belongs into quarantine.
    const time_elapsed = index % 50 === 0 ? 1 : 5;
    return survey({ user_id, timestamp: secondOfDay(index), q1: 1 + Math.floor(random() * 5), time_elapsed });
  });
  const sent = surveys.flatMap((one, index) => (index % 10 === 0 ? [one, one] : [one]));
  const kill = { kind: "kill", ms: { uniform: [0, 20] } };
  await cloud.setFaults([{ service: "lambda", probability: 0.05, fault: kill }], 1);

  const results = await cloud.sender.sendSurveys(sent, { concurrency: 8 });
  expect(results.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
  await cloud.reader.drained(240_000);

  // A rule may choose an invocation that ends before the kill. Only those that really died count.
  expect((await cloud.logs()).match(/killed by a fault rule/g)?.length).toBeGreaterThanOrEqual(2);
  const { rawKeys, quarantined, dead, participants } = await cloud.reader.state();
  const accepted = surveys.filter(({ time_elapsed }) => time_elapsed >= 3);
  expect(rawKeys).toHaveLength(accepted.length);
  // Each message has an object of its own there.
  expect(quarantined).toHaveLength(sent.filter(({ time_elapsed }) => time_elapsed < 3).length);
  expect(dead).toBe(0);
  const seen = Object.entries(participants).map(([id, { num_submission, q1 }]) => [id, { num_submission, q1 }]);
  expect(Object.fromEntries(seen)).toEqual(expectedParticipants(accepted));
});
