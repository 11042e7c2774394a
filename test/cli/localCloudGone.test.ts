/** Each command against a local cloud that was killed, so that its file is still there. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OPERATOR, sluice, stackAt } from "./operatorStack";

const NOT_THERE = "http://127.0.0.1:1";
const GONE = `The local cloud is not running (nothing answers at ${NOT_THERE}): start it with \`npm run local\`.\n`;
const OUTPUTS = {
  operator: { ...OPERATOR, tables: { read: ["surveys"], write: ["surveys"] } },
  logs: { region: "us-east-1", groups: { start: "start-log" } },
  intake: {
    ...{ region: "us-east-1", queueUrl: "queue", rawBucket: "raw", quarantineBucket: "quarantine" },
    ...{ resultsTable: "results", submissionsTable: "submissions", studySecret: "secret" },
    ...{ queueArn: "queue-arn", deadLetterQueueUrl: "dead", deadLetterQueueArn: "dead-arn", logGroup: "log" },
    metrics: { namespace: "sluice", service: "ingest" },
  },
  sender: { queueUrl: `${NOT_THERE}/queue`, rules: {} },
};
const RATE = ["--read-rate", "5"];

const commands: readonly string[][] = [
  ["tables"],
  ["estimate", "count", "surveys", ...RATE],
  ["start", "count", "surveys", ...RATE],
  ["start", "count", "surveys", ...RATE, "--source", "keys:keys.jsonl"],
  ["start", "count", "surveys", "--start-export"],
  ["start", "delete", "surveys", ...RATE, "--write-rate", "5", "--yes", "--watch"],
  ["jobs", "list"],
  ...["show", "watch", "pause", "resume", "cancel", "failures"].map((verb) => ["jobs", verb, "nightly"]),
  ["jobs", "rate", "nightly", ...RATE],
  ["jobs", "delete", "nightly", "--yes"],
  ["jobs", "redrive", "nightly", "--write-rate", "5", "--yes"],
  ["jobs", "undo", "nightly", "--write-rate", "5", "--yes"],
  ["logs", "--follow"],
  ["logs", "--job", "nightly"],
  ["intake", "status"],
  ["intake", "quarantine", "list"],
  ["intake", "quarantine", "resend", "a", "b", "--prove"],
  ["intake", "quarantine", "resolve", "--participant", "0001", "--note", "test phone"],
  ["intake", "dead", "list"],
  ["intake", "dead", "redrive"],
  ["intake", "participants", "export"],
  ["intake", "submissions", "export", "--out", "all.csv"],
  ["intake", "participant", "show", "0001"],
  ["intake", "participant", "erase", "0001", "--yes"],
  ["intake", "rebuild", "--yes"],
  ["intake", "enroll", "0001"],
  ["intake", "tokens", "rotate"],
  ["smoke", "--clean", "smoke-1a2b3c4d"],
];

// Calls that fail for a transient reason are repeated for a minute. The test would time out.
test.each(commands.map((args) => [args]))(
  "%j ends at once, with one sentence",
  async (args) => {
    const root = await stackAt(NOT_THERE, OUTPUTS);
    await writeFile(join(root, "keys.jsonl"), '{"id":"1"}\n');
    const folder = args.map((arg) =>
      arg === "all.csv" ? join(root, arg) : arg.replace("keys.jsonl", join(root, "keys.jsonl")),
    );
    const { code, stdout, stderr } = await sluice(root, folder);
    expect([code, stdout, stderr]).toEqual([1, "", GONE]);
  },
  30_000,
);

test("smoke doesn't clean up what is gone with the local cloud", async () => {
  const { code, stderr } = await sluice(await stackAt(NOT_THERE, OUTPUTS), ["smoke"]);
  expect([code, stderr]).toEqual([1, GONE]);
}, 30_000);
