import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
let client: SecretsManagerClient;
let SecretId: string;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  client = new SecretsManagerClient({ ...cloud.as(), maxAttempts: 1 });
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});
beforeEach(async () => {
  SecretId = (await cloud.make("aws:secretsmanager/secret:Secret", "study", { tags: { a: "b" } })).arn!;
});

const token = (n: number) => String(n).padStart(32, "0");
const put = (SecretString: string, n: number) =>
  client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: token(n) }));
const get = (more: object = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

test("a secret has no value until one is put", async () => {
  await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect(await put("one", 1)).toMatchObject({ VersionId: token(1), VersionStages: ["AWSCURRENT"] });
  expect(await get()).toMatchObject({ ARN: SecretId, SecretString: "one", VersionId: token(1) });
});

test("the value before stays readable by its stage and its version", async () => {
  await put("one", 1);
  await put("two", 2);
  expect((await get()).SecretString).toBe("two");
  expect((await get({ VersionStage: "AWSPREVIOUS" })).SecretString).toBe("one");
  expect((await get({ VersionId: token(1) })).SecretString).toBe("one");
});

test("a token stands for one value: the same value again changes nothing, and another value is refused", async () => {
  await put("one", 1);
  await put("two", 2);
  await put("one", 1);
  expect((await get()).SecretString).toBe("two");
  await expect(put("other", 1)).rejects.toMatchObject({ name: "ResourceExistsException" });
});

test.each([
  [
    "another secret",
    { SecretId: "arn:aws:secretsmanager:eu-west-1:000000000000:secret:none-1" },
    "ResourceNotFoundException",
  ],
  ["another version", { VersionId: token(9) }, "ResourceNotFoundException"],
  ["a stage that isn't there", { VersionStage: "AWSPENDING" }, "ResourceNotFoundException"],
])("%s is not found", async (_, more, name) => {
  await put("one", 1);
  await expect(get(more)).rejects.toMatchObject({ name });
});

test("a role needs the permission for exactly this secret", async () => {
  await put("one", 1);
  const role = await cloud.role("reader", [
    { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: SecretId },
  ]);
  const reader = new SecretsManagerClient({ ...cloud.as(role), maxAttempts: 1 });
  expect((await reader.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe("one");
  const other = (await cloud.make("aws:secretsmanager/secret:Secret", "other", {})).arn!;
  for (const command of [
    new GetSecretValueCommand({ SecretId: other }),
    new PutSecretValueCommand({ SecretId, SecretString: "mine" }),
  ]) {
    await expect(reader.send(command as GetSecretValueCommand)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  }
  reader.destroy();
});

test("calls that the local cloud does not support are refused by name", async () => {
  const binary = new PutSecretValueCommand({ SecretId, SecretBinary: Buffer.from("x") });
  await expect(client.send(binary)).rejects.toMatchObject({ message: expect.stringContaining("SecretBinary") });
  await expect(cloud.make("aws:secretsmanager/secret:Secret", "s", { kmsKeyId: "k" })).rejects.toMatchObject({
    code: "INPUT_NOT_HONOURED",
  });
});
