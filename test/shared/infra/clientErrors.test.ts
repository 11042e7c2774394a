import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "../../../shared/infra/bundle";
import { namedErrorsOnly, withShortErrors } from "../../../shared/infra/clientErrors";
import { type Answer, handler } from "./fixtures/failing";

const root = resolve(__dirname, "../../..");
const source = (client: string, file: string) =>
  readFileSync(join(root, `node_modules/@aws-sdk/client-${client}/dist-es/${file}.js`), "utf8");

const json = (service: Answer["service"], type: string, more: object = {}, status = 400): Answer => {
  return { service, status, headers: {}, body: JSON.stringify({ __type: type, message: "It failed.", ...more }) };
};
const xml = (Code: string, status: number, more = ""): Answer => {
  const body = `<Error><Code>${Code}</Code><Message>It failed.</Message>${more}<RequestId>4442</RequestId></Error>`;
  return { service: "s3", status, headers: {}, body };
};
const DYNAMODB = "com.amazonaws.dynamodb.v20120810#";
const SQS = "com.amazonaws.sqs#";

/** SQS gives these errors other names, in a header. */
function translatedByService(): Answer[] {
  const schemas = source("sqs", "schemas/schemas_0").matchAll(/^export var (\w+)\$ = [^`;]*\{ \[_aQE\]: \[`([^`]+)`/gm);
  return Array.from(schemas, ([, name, code]) => {
    return { ...json("sqs", `${SQS}${name}`), headers: { "x-amzn-query-error": `${code};Sender` } };
  });
}

const answers: Answer[] = [
  json("dynamodb", `${DYNAMODB}ConditionalCheckFailedException`, { Item: { id: { S: "1" } } }),
  json("dynamodb", `${DYNAMODB}ThrottlingException`, { throttlingReasons: [{ reason: "a", resource: "b" }] }),
  json("dynamodb", `${DYNAMODB}ProvisionedThroughputExceededException`),
  json("dynamodb", `${DYNAMODB}ResourceNotFoundException`),
  json("dynamodb", `${DYNAMODB}BackupInUseException`),
  json("dynamodb", `${DYNAMODB}InternalServerError`, {}, 500),
  json("dynamodb", "com.amazon.coral.validate#ValidationException"),
  json("dynamodb", `${DYNAMODB}NobodyKnowsIt`),
  json("events", "ConcurrentModificationException"),
  json("events", "InternalException", {}, 500),
  json("sqs", `${SQS}OverLimit`),
  json("sqs", `${SQS}InvalidAddress`),
  ...translatedByService(),
  xml("NoSuchKey", 404, "<Key>a</Key>"),
  xml("NoSuchBucket", 404, "<BucketName>results</BucketName>"),
  xml("InvalidObjectState", 403, "<StorageClass>GLACIER</StorageClass>"),
  xml("AccessDenied", 403),
  xml("InternalError", 500),
];

test("there are errors to which SQS gives other names, each the sender's fault", () => {
  expect(translatedByService().length).toBeGreaterThan(15);
  expect(source("sqs", "models/errors")).not.toContain('$fault = "server"');
});

test("a bundle throws the SDK's errors, whether the handler names the error or not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-errors-"));
  try {
    writeFileSync(join(folder, "index.mjs"), await bundle("test/shared/infra/fixtures/failing.ts"));
    writeFileSync(join(folder, "answers.json"), JSON.stringify(answers));
    const run = `import("./index.mjs").then(async ({ handler }) => {
      const told = [];
      for (const answer of JSON.parse(require("fs").readFileSync("answers.json", "utf8"))) told.push(await handler(answer));
      console.log(JSON.stringify(told));
    })`;
    const printed = execFileSync(process.execPath, ["-e", run], { cwd: folder, encoding: "utf8" });
    const expected = await Promise.all(answers.map(handler));
    expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(expected.filter((told) => typeof told === "object" && told.isNamed)).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(["dynamodb", "eventbridge", "s3", "sqs"])(
  "classes of %s's errors are short, except for those with members",
  (client) => {
    const errors = source(client, "models/errors");
    const short = withShortErrors(errors);
    const names = (text: string) => Array.from(text.matchAll(/^export (?:class|const) (\w+)/gm), ([, name]) => name);
    expect(names(short)).toEqual(names(errors));
    const whole = short.split(/^(?=export )/m).filter((text) => text.startsWith("export class"));
    for (const text of whole) expect(text).toMatch(/this\.\w+ = opts|\$retryable/);
    expect(whole.length).toBeLessThan(10);
  },
);

test("errors that no code names are not registered, except the base exception, and translated errors with members", () => {
  const registered = (client: string, name: string) => {
    const left = namedErrorsOnly(source(client, "schemas/schemas_0"), (error) => error === name);
    return Array.from(left.matchAll(/registerError\((\w+)\$/g), ([, error]) => error);
  };
  expect(registered("s3", "NoSuchKey")).toEqual(["S3ServiceException", "NoSuchKey"]);
  expect(registered("dynamodb", "none")).toEqual(["DynamoDBServiceException", "ThrottlingException"]);
  expect(registered("sqs", "QueueDoesNotExist")).toEqual(["SQSServiceException", "QueueDoesNotExist"]);
});
