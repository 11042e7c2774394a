import { createServer } from "node:http";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { cbor } from "@smithy/core/cbor";
import type { Call } from "../../../local/gateway/call";
import { awsError } from "../../../local/gateway/errors";
import { Gateway, type Stage } from "../../../local/gateway/gateway";
import { type BackendRequest, brokenConnection, jsonResponse } from "../../../local/gateway/message";
import { type Credentials, Principals } from "../../../local/gateway/principals";
import { systemClock } from "../../../shared/clock";
import { answer, presigned, request, signed } from "./requests";

let principals: Principals;
let administrator: Credentials;
let calls: Call[];
let stages: Stage[];
let gateway: Gateway;
let endpoint: string;
beforeEach(async () => {
  principals = new Principals();
  administrator = principals.issue({ kind: "administrator" });
  [calls, stages] = [[], []];
  const backend = async (call: Call) => {
    calls.push(call);
    return jsonResponse(200, {});
  };
  const services = ["dynamodb", "sqs", "s3", "sts", "sns", "lambda", "logs", "monitoring", "cognito-identity"];
  const backends = Object.fromEntries(services.map((service) => [service, backend]));
  const administration = async ({ url }: BackendRequest) => answer(200, `administered ${url}`);
  gateway = new Gateway({ principals, clock: systemClock, backends, stages, administration });
  endpoint = `http://127.0.0.1:${await gateway.listen(0)}`;
});
afterEach(() => gateway?.close());

const settings = (credentials: Credentials = administrator) => ({
  endpoint,
  credentials,
  region: "us-east-1",
  maxAttempts: 1,
});
const getItem = new GetItemCommand({ TableName: "results", Key: { user_id: { S: "0001" } } });
const getObject = new GetObjectCommand({ Bucket: "raw", Key: "a b.json" });

describe("who calls what", () => {
  test("service, action and principal follow from the signature's scope, and the input from the JSON protocol", async () => {
    const role = { kind: "role", roleArn: "arn:aws:iam::000000000000:role/store", sessionName: "store-1" } as const;
    await new DynamoDBClient(settings(principals.issue(role))).send(getItem);
    await new SQSClient(settings()).send(new ListQueuesCommand({ QueueNamePrefix: "q" }));
    await new S3Client(settings()).send(getObject);
    expect(calls).toMatchObject([
      { service: "dynamodb", action: "GetItem", principal: role, input: { TableName: "results" } },
      { service: "sqs", action: "ListQueues", principal: { kind: "administrator" }, input: { QueueNamePrefix: "q" } },
      { service: "s3", action: "GetObject", principal: { kind: "administrator" } },
    ]);
  });

  test("service, action and principal follow from a presigned URL as well", async () => {
    await gateway.handle(await presigned(administrator, "s3", request({ url: "/raw/a.json" })));
    expect(calls).toMatchObject([{ service: "s3", action: "GetObject", principal: { kind: "administrator" } }]);
  });

  test.each([
    ["cognito-identity", "GetId", { headers: { "x-amz-target": "AWSCognitoIdentityService.GetId" }, body: "{}" }],
    ["sts", "AssumeRoleWithWebIdentity", { body: "Action=AssumeRoleWithWebIdentity&RoleArn=x" }],
  ])("nobody has to sign for %s %s", async (service, action, fields) => {
    await gateway.handle(request({ method: "POST", ...fields }));
    expect(calls).toMatchObject([{ service, action, principal: "anonymous" }]);
  });

  test("a revoked key belongs to nobody", async () => {
    const credentials = principals.issue({ kind: "administrator" });
    principals.revoke(credentials.accessKeyId);
    const client = new DynamoDBClient(settings(credentials));
    await expect(client.send(getItem)).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });
});

const MINUTE = 60_000;
const senders: Record<string, (settings: object) => Promise<unknown>> = {
  DynamoDB: (its) => once(new DynamoDBClient(its), (client) => client.send(getItem)),
  SQS: (its) => once(new SQSClient(its), (client) => client.send(new ListQueuesCommand({}))),
  S3: (its) => once(new S3Client(its), (client) => client.send(getObject)),
  STS: (its) => once(new STSClient(its), (client) => client.send(new GetCallerIdentityCommand({}))),
  Lambda: (its) => once(new LambdaClient(its), (client) => client.send(new InvokeCommand({ FunctionName: "f" }))),
  Logs: (its) => once(new CloudWatchLogsClient(its), (client) => client.send(new DescribeLogGroupsCommand({}))),
};
const stranger = () => ({ ...settings(), credentials: { accessKeyId: "AKIASTRANGER", secretAccessKey: "secret" } });
const wrongSecret = () => ({ ...settings(), credentials: { ...administrator, secretAccessKey: "secret" } });
const wrongToken = () => ({ ...settings(), credentials: { ...administrator, sessionToken: "token" } });
const clock = (minutes: number) => () => ({ ...settings(), systemClockOffset: minutes * MINUTE });

describe("a caller whose credentials or clock are wrong gets the service's own error", () => {
  test.each<[service: string, what: string, () => object, status: number, name: string]>([
    ["DynamoDB", "an unknown key", stranger, 400, "UnrecognizedClientException"],
    ["DynamoDB", "a wrong secret", wrongSecret, 400, "InvalidSignatureException"],
    ["DynamoDB", "a wrong token", wrongToken, 400, "UnrecognizedClientException"],
    ["DynamoDB", "a clock that is late", clock(-16), 400, "InvalidSignatureException"],
    ["DynamoDB", "a clock that is early", clock(16), 400, "InvalidSignatureException"],
    ["SQS", "an unknown key", stranger, 403, "InvalidClientTokenId"],
    ["SQS", "a wrong secret", wrongSecret, 403, "SignatureDoesNotMatch"],
    ["SQS", "a clock that is late", clock(-16), 403, "SignatureDoesNotMatch"],
    ["S3", "an unknown key", stranger, 403, "InvalidAccessKeyId"],
    ["S3", "a wrong secret", wrongSecret, 403, "SignatureDoesNotMatch"],
    ["S3", "a wrong token", wrongToken, 400, "InvalidToken"],
    ["S3", "a clock that is late", clock(-16), 403, "RequestTimeTooSkewed"],
    ["S3", "a clock that is early", clock(16), 403, "RequestTimeTooSkewed"],
    ["STS", "an unknown key", stranger, 403, "InvalidClientTokenId"],
    ["STS", "a wrong secret", wrongSecret, 403, "SignatureDoesNotMatch"],
    ["STS", "a clock that is late", clock(-16), 403, "SignatureDoesNotMatch"],
    ["Lambda", "a wrong secret", wrongSecret, 403, "InvalidSignatureException"],
    ["Lambda", "a clock that is late", clock(-16), 403, "InvalidSignatureException"],
    ["Logs", "an unknown key", stranger, 400, "UnrecognizedClientException"],
    ["Logs", "a wrong secret", wrongSecret, 400, "InvalidSignatureException"],
  ])("of %s, for %s", async (service, _, asked, httpStatusCode, name) => {
    await expect(senders[service]?.(asked())).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(calls).toEqual([]);
  });

  test.each(["DynamoDB", "SQS", "S3", "Lambda", "Logs"])("%s takes a clock that is 14 minutes off", async (service) => {
    for (const minutes of [-14, 14]) await senders[service]?.(clock(minutes)());
    expect(calls).toHaveLength(2);
  });
});

describe("an error of the gateway has the form of the service's errors, so an SDK recognizes its name", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["dynamodb", () => new DynamoDBClient(settings()).send(getItem)],
    ["sqs", () => new SQSClient(settings()).send(new ListQueuesCommand({}))],
    ["s3", () => new S3Client(settings()).send(getObject)],
    ["sts", () => new STSClient(settings()).send(new GetCallerIdentityCommand({}))],
    ["lambda", () => senders.Lambda?.(settings()) as Promise<unknown>],
    ["logs", () => senders.Logs?.(settings()) as Promise<unknown>],
  ])("of %s", async (service, send) => {
    stages.push(async () => awsError(service, 400, "AccessDenied", 'not <you> & not "me"'));
    await expect(send()).rejects.toMatchObject({
      name: "AccessDenied",
      message: 'not <you> & not "me"',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe("a request that makes no sense", () => {
  const by = (service: string, fields: Parameters<typeof request>[0] = {}) =>
    signed(administrator, service, request(fields));
  const getItemTarget = { "x-amz-target": "DynamoDB_20120810.GetItem" };

  test.each<[string, () => BackendRequest | Promise<BackendRequest>, number, string]>([
    ["without a signature", () => request(), 403, "MissingAuthenticationToken"],
    ["for a service that is not there", () => by("ec2"), 501, "NotImplemented"],
    ["for a service with the name of an Object property", () => by("toString"), 501, "NotImplemented"],
    [
      "with a body that should be JSON",
      () => by("dynamodb", { method: "POST", headers: getItemTarget, body: "{" }),
      400,
      "SerializationException",
    ],
    ["with a path that is no text", () => by("s3", { url: "/raw/%ff" }), 400, "InvalidURI"],
  ])("%s is refused", async (_, asked, status, code) => {
    const refused = await gateway.handle(await asked());
    expect([refused.status, refused.body.toString()]).toEqual([status, expect.stringContaining(code)]);
    expect(calls).toEqual([]);
  });

  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const rpcV2 = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
  const targeted = { "x-amz-target": "Logs_20140328.FilterLogEvents" };
  const unsigned = (headers: Record<string, string>) => () => request({ method: "POST", headers });

  test.each<[string, () => BackendRequest | Promise<BackendRequest>, type: string, (body: Buffer) => unknown]>([
    ["JSON 1.0", () => by("dynamodb", { method: "POST", body: "{" }), "application/x-amz-json-1.0", jsonCode],
    ["JSON 1.1", () => by("logs", { method: "POST", body: "{" }), "application/x-amz-json-1.1", jsonCode],
    ["JSON, unsigned", unsigned(targeted), "application/x-amz-json-1.0", jsonCode],
    ["a form", () => by("monitoring", { method: "POST", headers: form }), "application/xml", queryCode],
    ["a form for SQS", () => by("sqs", { method: "POST", headers: form }), "application/xml", queryCode],
    ["a form in the query", () => by("sqs", { url: "/?Action=ListQueues" }), "application/xml", queryCode],
    ["a form, unsigned", unsigned(form), "application/xml", queryCode],
    ["CBOR", () => by("monitoring", { method: "POST", headers: rpcV2 }), "application/cbor", cborCode],
    ["CBOR, unsigned", unsigned(rpcV2), "application/cbor", cborCode],
    [
      "XML",
      () => by("s3", { url: "/raw/%ff" }),
      "application/xml",
      (body) => /^<Error><Code>(\w+)</.exec(String(body))?.[1],
    ],
    ["JSON of Lambda", () => by("lambda", { headers: { ...form, "x-amz-date": "" } }), "application/json", () => "X"],
  ])("is refused in the protocol that it came in: %s", async (_, asked, type, codeIn) => {
    stages.push(async () => awsError("lambda", 400, "X", "Not in this test."));
    const { headers, body } = await gateway.handle(await asked());
    expect(headers["content-type"]).toBe(type);
    expect(codeIn(body)).toMatch(
      /^(SerializationException|MissingAuthenticationToken(Exception)?|NotImplemented|InvalidURI|X)$/,
    );
    expect(calls).toEqual([]);
  });

  test("the older signature of S3 is refused as in AWS's newer regions", async () => {
    for (const old of [
      { headers: { authorization: "AWS AKIA:x=" } },
      { url: "/raw/a?AWSAccessKeyId=AKIA&Signature=x&Expires=9" },
    ]) {
      const { status, body } = await gateway.handle(request(old));
      expect([status, String(body)]).toEqual([400, expect.stringContaining("Please use AWS4-HMAC-SHA256.")]);
    }
  });

  test("and a failing backend causes a server error, and not the gateway's end", async () => {
    stages.push(() => Promise.reject(new Error("broken")));
    expect((await gateway.handle(await by("s3"))).status).toBe(500);
  });
});

test("every call passes the stages in their order before its backend", async () => {
  const passed: string[] = [];
  for (const name of ["first", "second"]) {
    stages.push(async (_, next) => {
      passed.push(name);
      const response = await next();
      passed.push(`${name} again`);
      return response;
    });
  }
  await new DynamoDBClient(settings()).send(getItem);
  expect(passed).toEqual(["first", "second", "second again", "first again"]);
});

test("a connection that breaks behind the gateway breaks for the client, too: there is no answer", async () => {
  stages.push(async () => brokenConnection);
  await expect(new S3Client(settings()).send(getObject)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("paths below /_sluice/ are administration, whoever asks", async () => {
  const response = await fetch(`${endpoint}/_sluice/faults`);
  expect(await response.text()).toBe("administered /_sluice/faults");
});

test("a port in use causes one clear error", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) =>
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
  );
  const options = {
    principals,
    clock: systemClock,
    backends: {} as never,
    stages: [],
    administration: async () => answer(),
  };
  await expect(new Gateway(options).listen(port)).rejects.toMatchObject({ code: "PORT_IN_USE", value: port });
  await new Promise((resolve) => other.close(resolve));
});

/** One call of a client that closes its connection afterwards. */
async function once<Client extends { destroy(): void }>(client: Client, send: (client: Client) => Promise<unknown>) {
  try {
    return await send(client);
  } finally {
    client.destroy();
  }
}

function jsonCode(body: Buffer): string | undefined {
  return JSON.parse(body.toString()).__type?.split("#")[1];
}

function queryCode(body: Buffer): string | undefined {
  return /^<ErrorResponse><Error><Type>\w+<.Type><Code>(\w+)</.exec(body.toString())?.[1];
}

function cborCode(body: Buffer): string | undefined {
  return cbor.deserialize(body).__type;
}
