import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Session } from "../../../cli/session";
import { type Desk, openDesk } from "../../../cli/ui/desk";
import { streamIntake } from "../../../cli/ui/streams";
import { listPrices } from "../../../shared/cost/prices";
import { FakeClock } from "../../sender/helpers";
import { OPERATOR, stackAt } from "../operatorStack";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:1";
const INTAKE = {
  ...{ region: "eu-central-1", rawBucket: "raw", quarantineBucket: "quarantine" },
  ...{ resultsTable: "results", submissionsTable: "submissions" },
  ...{ queueUrl: `${NOWHERE}/queue`, queueArn: "arn:queue" },
  ...{ deadLetterQueueUrl: `${NOWHERE}/dead`, deadLetterQueueArn: "arn:dead" },
  ...{ logGroup: "/aws/lambda/store", metrics: { namespace: "Sluice", service: "ingest" } },
};

/** The desk of a local cloud that has stopped since, and its file with it. */
async function stopped(outputs: Record<string, unknown>): Promise<Desk> {
  const root = await stackAt(NOWHERE, outputs);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const around = { root, clock: new FakeClock(), random: () => 0.5, interruptible: () => new AbortController().signal };
  const desk = await openDesk(new Session({ stdout, stderr, ...around }, {}), listPrices);
  await rm(join(root, ".sluice"), { recursive: true });
  return desk;
}

/** What the page hears about the intake first. */
async function problemOf(desk: Desk): Promise<string | undefined> {
  const end = new AbortController();
  let problem: string | undefined;
  const send = async (event: object) => {
    problem = (event as { intakeProblem?: string }).intakeProblem;
    end.abort();
  };
  await streamIntake(desk, send, end.signal);
  desk.session.close();
  return problem;
}

describe("the local cloud stops before the intake is looked at", () => {
  test("the page reports that it can't be reached", async () => {
    const desk = await stopped({ operator: OPERATOR, intake: INTAKE });
    expect(await problemOf(desk)).toMatch(/^The local cloud is not running \(nothing answers at http/);
  });

  test("a stack without intake has still been named", async () => {
    const desk = await stopped({ operator: OPERATOR });
    expect(await problemOf(desk)).toMatch(/^The local cloud is not running/);
  });
});
