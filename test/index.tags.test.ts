import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Deployment, Registered } from "./shared/infra/deploy";
import { deployEverything } from "./support/wholeProgram";

// Bundling has a test of its own; here it would only take time.
jest.mock("../shared/infra/bundle", () => ({
  ...jest.requireActual("../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

/** Whether the provider's own types have an input `tags`: `aws:sqs/queue:Queue` is described in `sqs/queue.d.ts`. */
function takesTags(type: string): boolean {
  const [, path, name] = type.split(":");
  const types = readFileSync(join(dirname(require.resolve("@pulumi/aws")), `${path}.d.ts`), "utf8");
  const args = types.slice(types.indexOf(`export interface ${name}Args`));
  return /^ {4}tags\?: /m.test(args);
}

const custom = ({ resources }: Deployment): Registered[] => resources.filter(({ type }) => type.startsWith("aws:"));
let everything: Registered[];
beforeAll(async () => {
  everything = custom(await deployEverything({}));
});

test("everything that can be tagged names project, stack and service, over the whole program", () => {
  const taggable = everything.filter(({ type }) => takesTags(type));
  const owner = {
    project: "sluice",
    stack: "test",
    service: expect.stringMatching(/^(ingest|jobs|scanner|backfill|shuffle|glue)$/),
  };
  expect(taggable.map(({ type, name, inputs }) => [type, name, inputs.tags])).toEqual(
    taggable.map(({ type, name }) => [type, name, owner]),
  );
  const types = new Set(taggable.map(({ type }) => type));
  expect([...types].sort()).toEqual([
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cognito/identityPool:IdentityPool",
    "aws:dynamodb/table:Table",
    "aws:glue/job:Job",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/function:Function",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:scheduler/scheduleGroup:ScheduleGroup",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
  ]);
});
