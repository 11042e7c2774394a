import { CognitoIdentityClient, GetIdCommand, GetOpenIdTokenCommand } from "@aws-sdk/client-cognito-identity";
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { trustsService } from "../../../local/gateway/permissions/evaluation/trust";
import { ACCOUNT, allow, document, QUEUE, trustOf, trustOfGuests } from "./policies";
import { refusalBy, TestGateway } from "./testGateway";

const POOL = "us-east-1:pool";
const gateway = new TestGateway();
const QueueUrl = () => `${gateway.endpoint}/${ACCOUNT}/q`;

beforeAll(async () => {
  await gateway.listen();
  for (const pool of [POOL, "us-east-1:other"]) gateway.identityPools.add(pool, true);
  gateway.role("guest", [allow("Send", "sqs:SendMessage", `${QUEUE}:q`)], { trust: trustOfGuests(POOL) });
  gateway.role("function");
});
afterAll(() => gateway.close());

async function takeOn(role: string, IdentityPoolId: string) {
  const settings = { endpoint: gateway.endpoint, region: "us-east-1" };
  const cognito = new CognitoIdentityClient(settings);
  const { IdentityId } = await cognito.send(new GetIdCommand({ IdentityPoolId }));
  const { Token } = await cognito.send(new GetOpenIdTokenCommand({ IdentityId }));
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
  const sts = new STSClient(settings);
  const { Credentials: given } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "guest", WebIdentityToken: Token }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { ...settings, credentials, maxAttempts: 1, md5: false as const };
}

test("a guest of the pool may send to the queue and nothing else", async () => {
  const sqs = new SQSClient(await takeOn("guest", POOL));
  await sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: "x" }));
  expect(await refusalBy(sqs.send(new PurgeQueueCommand({ QueueUrl: QueueUrl() })))).toMatchObject({
    name: "AccessDenied",
  });
});

test.each([
  ["a guest of another pool", "guest", "us-east-1:other"],
  ["a role that trusts no guests", "function", POOL],
  ["a role that is not there", "nobody", POOL],
])("%s is AccessDenied", async (_, role, pool) => {
  expect(await refusalBy(takeOn(role, pool))).toMatchObject({ name: "AccessDenied", status: 403 });
});

test("guests of a pool that is closed meanwhile get no identity, and no token for the identity they have", async () => {
  const cognito = new CognitoIdentityClient({ endpoint: gateway.endpoint, region: "us-east-1" });
  const { IdentityId } = await cognito.send(new GetIdCommand({ IdentityPoolId: POOL }));
  const refused = { name: "NotAuthorizedException", status: 400 };
  gateway.identityPools.add(POOL, false);
  try {
    expect(await refusalBy(cognito.send(new GetIdCommand({ IdentityPoolId: POOL })))).toMatchObject(refused);
    expect(await refusalBy(cognito.send(new GetOpenIdTokenCommand({ IdentityId })))).toMatchObject(refused);
  } finally {
    gateway.identityPools.add(POOL, true);
  }
  await cognito.send(new GetOpenIdTokenCommand({ IdentityId }));
});

test("everybody may ask who they are", async () => {
  const guest = new STSClient(await takeOn("guest", POOL));
  const { Arn } = await guest.send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/guest/guest`);
});

test.each([
  ["the service itself", trustOf("lambda.amazonaws.com"), true],
  ["another service", trustOf("states.amazonaws.com"), false],
  ["the service, but only for another action", document({ ...statement(), Action: "sts:TagSession" }), false],
])("a role that trusts %s", async (_, trust, trusted) => {
  expect(await trustsService({ arn: `arn:aws:iam::${ACCOUNT}:role/r`, trust }, "lambda.amazonaws.com")).toBe(trusted);
});

function statement() {
  return { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } };
}
