/** Runs each command with just the permissions that docs/intake-desk.md lists. It can do its work, and it uses them all. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Desk } from "../../../services/ingest/desk/desk";
import { SmallCloud } from "../../local/smallCloud";
import { scratchFolder } from "../../sender/helpers";
import { NOW, putItem, putRecord, store } from "../../services/ingest/desk/deskGround";
import { body } from "../../services/ingest/submissions";
import { sluice } from "../operatorStack";

let cloud: SmallCloud;
let desk: Desk;
let arns: Record<"raw" | "quarantine" | "results" | "submissions" | "index" | "queue" | "secret", string>;
beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  const key = (name: string) => ({ name, type: "S" });
  const onDemand = { billingMode: "PAY_PER_REQUEST" };
  const byParticipant = {
    name: "byParticipant",
    hashKey: "user_id",
    rangeKey: "submission",
    projectionType: "KEYS_ONLY",
  };
  const [results, submissions, raw, quarantine, queue, secret] = await Promise.all([
    cloud.make("aws:dynamodb/table:Table", "results", {
      hashKey: "user_id",
      attributes: [key("user_id")],
      ...onDemand,
    }),
    cloud.make("aws:dynamodb/table:Table", "submissions", {
      hashKey: "submission",
      attributes: [key("submission"), key("user_id")],
      globalSecondaryIndexes: [byParticipant],
      ...onDemand,
    }),
    cloud.make("aws:s3/bucket:Bucket", "raw", {}),
    cloud.make("aws:s3/bucket:Bucket", "quarantine", {}),
    cloud.make("aws:sqs/queue:Queue", "queue", {}),
    cloud.make("aws:secretsmanager/secret:Secret", "secret", {}),
  ]);
  for (const { bucket } of [raw, quarantine]) {
    const versioningConfiguration = { status: "Enabled" };
    await cloud.make("aws:s3/bucketVersioning:BucketVersioning", bucket!, { bucket, versioningConfiguration });
  }
  desk = {
    ...{ s3: new S3Client(cloud.as()), dynamodb: new DynamoDBClient(cloud.as()), sqs: new SQSClient(cloud.as()) },
    ...{ rawBucket: raw.bucket!, quarantineBucket: quarantine.bucket!, queueUrl: queue.url! },
    ...{ resultsTable: results.name!, submissionsTable: submissions.name! },
    retry: (call) => call(),
    now: () => NOW,
  };
  arns = {
    ...{ raw: raw.arn!, quarantine: quarantine.arn!, results: results.arn!, submissions: submissions.arn! },
    ...{ index: `${submissions.arn}/index/byParticipant`, queue: queue.arn!, secret: secret.arn! },
  };
});
afterAll(async () => {
  for (const client of [desk?.s3, desk?.dynamodb, desk?.sqs]) client?.destroy();
  await cloud?.stop();
});

const KEY = "participants/0001/m-1.json";
type Need = [part: keyof typeof arns, ...actions: string[]];

const LIST: Need[] = [
  ["quarantine", "s3:ListBucket", "s3:GetObject"],
  ["submissions", "dynamodb:BatchGetItem"],
];
const SHOW: Need[] = [
  ...LIST,
  ["quarantine", "s3:ListBucketVersions"],
  ["raw", "s3:ListBucket", "s3:ListBucketVersions"],
  ["results", "dynamodb:GetItem"],
  ["index", "dynamodb:Query"],
];

test.each<[command: string, Need[]]>([
  ["quarantine list", LIST],
  ["quarantine resend --reason too_quick", [...LIST, ["quarantine", "s3:PutObject"], ["queue", "sqs:SendMessage"]]],
  ["quarantine resolve --participant 0001 --note n", [...LIST, ["quarantine", "s3:PutObject"]]],
  ["participants export", [["results", "dynamodb:Scan"]]],
  [
    "submissions export",
    [
      ["raw", "s3:ListBucket", "s3:GetObject"],
      ["submissions", "dynamodb:BatchGetItem"],
    ],
  ],
  [
    "submissions export --participant 0001",
    [
      ["raw", "s3:ListBucket", "s3:GetObject"],
      ["submissions", "dynamodb:BatchGetItem"],
      ["index", "dynamodb:Query"],
    ],
  ],
  ["participant show 0001", SHOW],
  [
    "rebuild --yes",
    [
      ["results", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      ["submissions", "dynamodb:Scan"],
      ["raw", "s3:GetObject"],
    ],
  ],
  [
    "rebuild --dry-run",
    [
      ["results", "dynamodb:Scan", "dynamodb:GetItem"],
      ["submissions", "dynamodb:Scan"],
      ["raw", "s3:GetObject"],
    ],
  ],
  [
    "participant erase 0001 --yes",
    [
      ["quarantine", "s3:ListBucketVersions", "s3:DeleteObjectVersion"],
      ["raw", "s3:ListBucketVersions", "s3:DeleteObjectVersion"],
      ["results", "dynamodb:GetItem", "dynamodb:PutItem"],
      ["submissions", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
      ["index", "dynamodb:Query"],
    ],
  ],
  // The order matters: each command finds the secret as the command before left it.
  ["enroll 0001", [["secret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]]],
  ["enroll 0001 0002", [["secret", "secretsmanager:GetSecretValue"]]],
  ["tokens rotate", [["secret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]]],
  ["tokens retire", [["secret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]]],
  [
    "quarantine resend --reason too_quick --prove",
    [
      ...LIST,
      ["quarantine", "s3:PutObject"],
      ["queue", "sqs:SendMessage"],
      ["secret", "secretsmanager:GetSecretValue"],
    ],
  ],
])("intake %s", async (command, needs) => {
  await fill();
  const role = await cloud.role(command.replaceAll(/\W+/g, "-"), needs.map(statementOf));
  const ran = await sluice(
    await stackAs(
      role,
      needs.some(([part]) => part === "secret"),
    ),
    ["intake", ...command.split(" ")],
  );
  const { used = [], unused, refused } = cloud.report().roles.find(({ arn }) => arn === role) ?? {};
  expect({ unused, refused, stderr: ran.stderr.replace(/^.* exported\.\n/, "") }).toEqual({
    unused: [],
    refused: [],
    stderr: "",
  });
  expect(used.length).toBeGreaterThan(0);
});

test("the document lists these permissions", async () => {
  const document = await readFile(resolve(__dirname, "../../../docs/intake-desk.md"), "utf8");
  const actions = [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteObjectVersion",
    "GetItem",
    "GetObject",
    "ListBucketVersions",
  ];
  for (const action of [
    ...actions,
    "GetSecretValue",
    "PutItem",
    "PutObject",
    "PutSecretValue",
    "Query",
    "Scan",
    "SendMessage",
    "UpdateItem",
  ]) {
    expect(document).toMatch(new RegExp(`\`(s3:|dynamodb:|sqs:|secretsmanager:)?${action}\``));
  }
});

/** A participant with data of every kind, one with a wrong item, and one whose item is lost. */
async function fill(): Promise<void> {
  await store(desk);
  await putRecord(desk, KEY, { body: body({ time_elapsed: 1 }) });
  await store(desk, { user_id: "0002" });
  await putItem(desk, desk.resultsTable, { user_id: { S: "0002" }, num_submission: { N: "7" } });
  await store(desk, { user_id: "0003" });
  const lost = { TableName: desk.resultsTable, Key: { user_id: { S: "0003" } } };
  await desk.dynamodb.send(new DeleteItemCommand(lost));
}

function statementOf([part, ...actions]: Need): object {
  const ofObjects = actions.filter((action) => /Object(Version)?$/.test(action));
  const others = actions.filter((action) => !ofObjects.includes(action));
  const Resource = [...(others.length > 0 ? [arns[part]] : []), ...(ofObjects.length > 0 ? [`${arns[part]}/*`] : [])];
  return { Effect: "Allow", Action: actions, Resource };
}

/** @param tokens whether the stack requires them. */
async function stackAs(role: string, tokens: boolean): Promise<string> {
  const { endpoint, region, credentials } = cloud.as(role);
  const { queueUrl, rawBucket, quarantineBucket, resultsTable, submissionsTable } = desk;
  const intake = { region, queueUrl, rawBucket, quarantineBucket, resultsTable, submissionsTable };
  const secret = tokens ? { studySecret: arns.secret } : {};
  const folder = await scratchFolder();
  await mkdir(join(folder, ".sluice"));
  await writeFile(
    join(folder, ".sluice/local.json"),
    JSON.stringify({ endpoint, region, credentials, outputs: { intake: { ...intake, ...secret } } }),
  );
  return folder;
}
