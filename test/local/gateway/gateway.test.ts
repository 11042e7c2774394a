import { createServer } from "node:http";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Call } from "../../../local/gateway/call";
import { awsError } from "../../../local/gateway/errors";
import { Gateway, type Stage } from "../../../local/gateway/gateway";
import { type BackendRequest, brokenConnection, jsonResponse } from "../../../local/gateway/message";
import { type Credentials, Principals } from "../../../local/gateway/principals";
import { answer, request, signedBy } from "./requests";

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
  const backends = { dynamodb: backend, sqs: backend, s3: backend, sts: backend, "cognito-identity": backend };
  const administration = async ({ url }: BackendRequest) => answer(200, `administered ${url}`);
  gateway = new Gateway({ principals, backends, stages, administration });
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
  test("is told by the signature's scope: service, action and principal, with the input of JSON protocols", async () => {
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

  test("is told by a presigned URL as well", async () => {
    const scope = `${administrator.accessKeyId}/20260101/us-east-1/s3/aws4_request`;
    await gateway.handle(request({ url: `/raw/a.json?X-Amz-Credential=${encodeURIComponent(scope)}` }));
    expect(calls).toMatchObject([{ service: "s3", action: "GetObject", principal: { kind: "administrator" } }]);
  });

  test.each([
    ["cognito-identity", "GetId", { headers: { "x-amz-target": "AWSCognitoIdentityService.GetId" }, body: "{}" }],
    ["sts", "AssumeRoleWithWebIdentity", { body: "Action=AssumeRoleWithWebIdentity&RoleArn=x" }],
  ])("nobody has to sign for %s %s", async (service, action, fields) => {
    await gateway.handle(request({ method: "POST", ...fields }));
    expect(calls).toMatchObject([{ service, action, principal: "anonymous" }]);
  });

  test("a key is nobody's any more once it is revoked", async () => {
    const credentials = principals.issue({ kind: "administrator" });
    principals.revoke(credentials.accessKeyId);
    const client = new DynamoDBClient(settings(credentials));
    await expect(client.send(getItem)).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });
});

describe("an unknown access key gets the service's own error", () => {
  const stranger = { accessKeyId: "AKIASTRANGER", secretAccessKey: "secret" };

  test.each<[string, () => Promise<unknown>, string]>([
    ["DynamoDB", () => new DynamoDBClient(settings(stranger)).send(getItem), "UnrecognizedClientException"],
    ["SQS", () => new SQSClient(settings(stranger)).send(new ListQueuesCommand({})), "InvalidClientTokenId"],
    ["S3", () => new S3Client(settings(stranger)).send(getObject), "InvalidAccessKeyId"],
    ["STS", () => new STSClient(settings(stranger)).send(new GetCallerIdentityCommand({})), "InvalidClientTokenId"],
  ])("of %s", async (_, send, name) => {
    await expect(send()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } });
    expect(calls).toEqual([]);
  });
});

describe("an error of the gateway has the shape of the service's, so that an SDK names it", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["dynamodb", () => new DynamoDBClient(settings()).send(getItem)],
    ["sqs", () => new SQSClient(settings()).send(new ListQueuesCommand({}))],
    ["s3", () => new S3Client(settings()).send(getObject)],
    ["sts", () => new STSClient(settings()).send(new GetCallerIdentityCommand({}))],
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
  const signed = (service: string) => signedBy(administrator.accessKeyId, service);
  const getItemTarget = { "x-amz-target": "DynamoDB_20120810.GetItem" };

  test.each<[string, () => BackendRequest, number, string]>([
    ["without a signature", () => request(), 403, "MissingAuthenticationToken"],
    ["for a service that is not there", () => request({ headers: signed("ec2") }), 501, "NotImplemented"],
    [
      "for a service named as what every object has",
      () => request({ headers: signed("toString") }),
      501,
      "NotImplemented",
    ],
    [
      "with a body that should be JSON",
      () => request({ method: "POST", headers: { ...signed("dynamodb"), ...getItemTarget }, body: "{" }),
      400,
      "SerializationException",
    ],
    [
      "with a path that is no text",
      () => request({ url: "/raw/%ff", headers: { ...signed("s3"), host: "127.0.0.1" } }),
      400,
      "InvalidURI",
    ],
  ])("%s is refused", async (_, asked, status, code) => {
    const refused = await gateway.handle(asked());
    expect([refused.status, refused.body.toString()]).toEqual([status, expect.stringContaining(code)]);
    expect(calls).toEqual([]);
  });

  test("and a backend that fails is a server error, not the end", async () => {
    stages.push(() => Promise.reject(new Error("broken")));
    expect((await gateway.handle(request({ headers: signed("s3") }))).status).toBe(500);
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

test("a broken connection is one for the client: no answer at all", async () => {
  stages.push(async () => brokenConnection);
  await expect(new S3Client(settings()).send(getObject)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("paths below /_sluice/ are administration, whoever asks", async () => {
  const response = await fetch(`${endpoint}/_sluice/faults`);
  expect(await response.text()).toBe("administered /_sluice/faults");
});

test("a port in use is one clear error", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) =>
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
  );
  const options = { principals, backends: {} as never, stages: [], administration: async () => answer() };
  await expect(new Gateway(options).listen(port)).rejects.toMatchObject({ code: "PORT_IN_USE", value: port });
  await new Promise((resolve) => other.close(resolve));
});
