import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { main } from "../../cli/send";
import type { FlushReport, Outbox, SaveResult, SendError } from "../../sender/index";
import { CREDENTIALS, DEAD_QUEUE_URL, scratchFolder, survey } from "../sender/helpers";

/** The outbox that the command opens. */
let outbox: Outbox;
jest.mock("../../sender/index", () => ({ ...jest.requireActual("../../sender/index"), openOutbox: () => outbox }));

const error = (code: SendError["code"]): SendError => ({ code, message: code, retryable: true });

/** A project's folder in which the local cloud seems to run, with one survey in it. */
async function project(): Promise<string> {
  const root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  const outputs = { sender: { queueUrl: DEAD_QUEUE_URL, region: "us-east-1" } };
  const local = { endpoint: new URL(DEAD_QUEUE_URL).origin, region: "us-east-1", credentials: CREDENTIALS, outputs };
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(local));
  await writeFile(join(root, "survey.json"), JSON.stringify(survey()));
  return root;
}

/** Runs `npm run send -- survey.json --outbox box` with an outbox that reports this. */
async function send(saved: SaveResult, report: FlushReport) {
  outbox = {
    save: async () => saved,
    names: async () => [...report.sent, ...report.refused, ...report.waiting].map(({ name }) => name),
    flush: async () => report,
  };
  const root = await project();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await main(["survey.json", "--outbox", "box", "--json"], { stdout, stderr, root, cwd: root });
  return { code, stderr: String(stderr.read() ?? ""), summary: JSON.parse(String(stdout.read())) };
}

const kept: SaveResult = { statusCode: 200, submissionId: "id", name: "1.json" };
const notKept: SaveResult = { statusCode: 400, submissionId: "id", error: error("NOT_JSON") };
const sent = [{ name: "1.json", submissionId: "id", messageId: "m" }];
const refused = [{ name: "2.json", submissionId: "id-2", error: error("CONTENT_REFUSED") }];
const waiting = [{ name: "3.json", submissionId: "id-3", error: error("NETWORK") }];
const failed = error("OUTBOX_IO");
const yesAndNo = [false, true];
const combinations = yesAndNo.flatMap((a) =>
  yesAndNo.flatMap((b) => yesAndNo.flatMap((c) => yesAndNo.flatMap((d) => yesAndNo.map((e) => [a, b, c, d, e])))),
) as [boolean, boolean, boolean, boolean, boolean][];

test.each(combinations)(
  "npm run send ends with 0 only if all is sent: saved %p, sent %p, refused %p, waiting %p, flush failed %p",
  async (isSaved, isSent, isRefused, isWaiting, hasFailed) => {
    const report: FlushReport = {
      sent: isSent ? sent : [],
      refused: isRefused ? refused : [],
      waiting: isWaiting ? waiting : [],
      ...(hasFailed ? { error: failed } : {}),
    };
    const { code, stderr, summary } = await send(isSaved ? kept : notKept, report);
    expect(code).toBe(isSaved && !isRefused && !isWaiting && !hasFailed ? 0 : 1);
    expect(stderr).toBe("");
    const count = (...those: boolean[]) => those.filter(Boolean).length;
    expect(summary.total).toBe(count(!isSaved, isSent, isRefused, isWaiting));
    expect([summary.sent, summary.refused.length, summary.waiting.length]).toEqual([
      count(isSent),
      count(!isSaved, isRefused),
      count(isWaiting),
    ]);
    expect(summary.error).toEqual(hasFailed ? failed : undefined);
  },
);
