import * as aws from "@pulumi/aws";
import { TableBackfill } from "../../../services/backfill/component";
import { glueJobArn, SparkJobs } from "../../../services/glue/component";
import { SurveyIngest } from "../../../services/ingest/component";
import { BulkJobs } from "../../../services/jobs/component";
import { JobRecords } from "../../../services/jobs/records";
import { TableScanner } from "../../../services/scanner/component";
import { ShuffleWorkflow, stateMachineArn } from "../../../services/shuffle/component";
import { nameProblems } from "../../../shared/infra/serviceFields";
import { deploy, type Registered } from "./deploy";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

const ofLength = (characters: number) => "a".repeat(characters);
const lengths = Array.from({ length: 100 }, (_, at) => at).filter((n) => nameProblems(ofLength(n)).length === 0);
/** The longest name that a component takes. */
const LONGEST = ofLength(Math.max(...lengths));

/** Most characters of names that are not longer than a table's, by type. */
const LIMITS: Readonly<Record<string, number>> = {
  "aws:s3/bucket:Bucket": 63,
  "aws:iam/role:Role": 64,
  "aws:lambda/function:Function": 64,
  "aws:cloudwatch/eventRule:EventRule": 64,
  "aws:scheduler/schedule:Schedule": 64,
  "aws:scheduler/scheduleGroup:ScheduleGroup": 64,
  "aws:sqs/queue:Queue": 80,
  "aws:sfn/stateMachine:StateMachine": 80,
  "aws:iam/policy:Policy": 128,
};
/** Pulumi ends a name with a hyphen and seven random characters. It refuses one that becomes too long. */
const RANDOM_CHARACTERS = 8;

function tooLong({ type, name, inputs }: Registered): string[] {
  const limit = LIMITS[type];
  const characters = inputs.name?.length ?? name.length + RANDOM_CHARACTERS;
  return limit !== undefined && characters > limit ? [`${type} ${name}: ${characters} of ${limit}`] : [];
}

const account = { region: "us-east-1", accountId: "111122223333" };
const deletionProtection = false;
const alarmEmail = "team@lab.example";
const [tables, changedTables] = [["orders"], ["archive"]];
const records = () =>
  new JobRecords("records", {
    ...{ accountId: account.accountId, eventBus: "default", resultsExpirationDays: 0 },
    ...{ pointInTimeRecovery: false, deletionProtection, completionEmail: "", tags: {} },
  });
const queue = (name: string) => new aws.sqs.Queue(name);
const workerSettings = { memoryMegabytes: 256, timeoutSeconds: 90, maximumConcurrency: 8 };

/** Every component of a service, with all of its parts. */
const components: Readonly<Record<string, (name: string) => unknown>> = {
  ingest: (name) =>
    new SurveyIngest(name, {
      ...{ ...account, senderAccess: "cognito-guest", participantTokens: "required" },
      ...{ writeCapacityLimit: 100, alarmEmail },
    }),
  jobs: (name) =>
    new BulkJobs(name, {
      ...{ ...account, tables, changedTables, alarmEmail, completionEmail: alarmEmail },
      driver: () => ({ queue: queue("units"), workerSettings }),
      writer: () => ({ queue: queue("writing"), workerSettings }),
    }),
  scanner: (name) => new TableScanner(name, { ...account, tables, records: records(), alarmEmail }),
  backfill: (name) => new TableBackfill(name, { ...account, tables, changedTables, records: records(), alarmEmail }),
  shuffle: (name) =>
    new ShuffleWorkflow(name, {
      ...{ ...account, tables, changedTables, records: records(), alarmEmail },
      ...{ schedule: "rate(1 day)", scheduledRequest: '{"operation":"count","table":"orders","readRate":5}' },
      ...{ stateMachineArn: stateMachineArn(name, account), start: new aws.lambda.Function("start", { role: "r" }) },
    }),
  glue: (name) =>
    new SparkJobs(name, {
      ...{ ...account, workers: 3, tables, changedTables, records: records(), alarmEmail },
      ...{ glueJobArn: glueJobArn(name, account), unitQueue: queue("units"), writingQueue: queue("writing") },
    }),
};

test.each(Object.entries(components))("AWS takes all names of %s, however long its own name is", async (_, make) => {
  const { resources } = await deploy(() => make(LONGEST));
  expect(resources.length).toBeGreaterThan(5);
  expect(resources.flatMap(tooLong)).toEqual([]);
});
