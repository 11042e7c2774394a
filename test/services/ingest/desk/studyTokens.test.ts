import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Desk } from "../../../../services/ingest/desk/desk";
import { enroll, retirePrevious, rotateSecrets, tokensOf } from "../../../../services/ingest/desk/studyTokens";
import {
  participantToken,
  provesParticipant,
  type StudySecrets,
} from "../../../../services/ingest/tokens/participantToken";
import { readSecrets } from "../../../../services/ingest/tokens/studySecrets";
import { SmallCloud } from "../../../local/smallCloud";

let cloud: SmallCloud;
let secretsManager: SecretsManagerClient;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  secretsManager = new SecretsManagerClient({ ...cloud.as(), maxAttempts: 1 });
});
afterAll(async () => {
  secretsManager?.destroy();
  await cloud?.stop();
});

let desk: Desk;
let bytes: number;
beforeEach(async () => {
  const { arn } = await cloud.make("aws:secretsmanager/secret:Secret", "study", { description: "d" });
  desk = { secrets: { secretsManager, studySecret: arn! }, retry: (call: () => unknown) => call() } as Desk;
  bytes = 0;
});

const newKey = () => Buffer.alloc(32, ++bytes);
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64url");
const stored = async (): Promise<StudySecrets | undefined> => (await readSecrets(desk.secrets!))?.secrets;

test("the first enrolment makes the study's secret; later tokens come from the same one", async () => {
  expect(await stored()).toBeUndefined();
  const first = await enroll(desk, ["0001", "0002"], newKey);
  expect(await stored()).toEqual({ current: keyOf(1) });
  expect(first).toEqual(["0001", "0002"].map((user_id) => ({ user_id, token: participantToken(keyOf(1), user_id) })));
  expect(await enroll(desk, ["0002"], newKey)).toEqual(first.slice(1));
  expect((await tokensOf(desk))("0001")).toBe(first[0]!.token);
});

test("two people who enrol at once get tokens of the same secret", async () => {
  const [a, b] = await Promise.all([enroll(desk, ["0001"], newKey), enroll(desk, ["0001"], newKey)]);
  expect(a).toEqual(b);
});

test("after a rotation both tokens are valid, after the retirement only the new one", async () => {
  const [old] = await enroll(desk, ["0001"], newKey);
  await rotateSecrets(desk, newKey);
  expect(await stored()).toEqual({ current: keyOf(2), previous: keyOf(1) });
  const [fresh] = await enroll(desk, ["0001"], newKey);
  const valid = async () => {
    const secrets = (await stored())!;
    return [old, fresh].map((enrolled) => provesParticipant(enrolled!.token, "0001", secrets));
  };
  expect(await valid()).toEqual([true, true]);
  await retirePrevious(desk);
  expect(await stored()).toEqual({ current: keyOf(2) });
  expect(await valid()).toEqual([false, true]);
});

test("one of two simultaneous rotations is refused, and no token becomes invalid", async () => {
  await enroll(desk, ["0001"], newKey);
  const outcomes = await Promise.allSettled([rotateSecrets(desk, newKey), rotateSecrets(desk, newKey)]);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { code: expect.stringMatching(/^(SECRETS_CHANGED|PREVIOUS_VALID)$/) },
  });
  expect(await stored()).toMatchObject({ previous: keyOf(1) });
});

test("a rotation that is repeated after a lost answer happens once", async () => {
  await enroll(desk, ["0001"], newKey);
  const twice: Desk["retry"] = async (call) => {
    await call();
    return call();
  };
  await rotateSecrets({ ...desk, retry: twice }, newKey);
  expect(await stored()).toEqual({ current: keyOf(2), previous: keyOf(1) });
});

test("each refusal has a code", async () => {
  await expect(rotateSecrets(desk, newKey)).rejects.toMatchObject({ code: "NO_SECRETS" });
  await expect(retirePrevious(desk)).rejects.toMatchObject({ code: "NO_SECRETS" });
  await expect(tokensOf(desk)).rejects.toMatchObject({ code: "NO_SECRETS" });
  await enroll(desk, ["0001"], newKey);
  await expect(retirePrevious(desk)).rejects.toMatchObject({ code: "NOTHING_TO_RETIRE" });
  await rotateSecrets(desk, newKey);
  await expect(rotateSecrets(desk, newKey)).rejects.toMatchObject({ code: "PREVIOUS_VALID" });
  const { secrets: _, ...off } = desk;
  await expect(enroll(off as Desk, ["0001"], newKey)).rejects.toMatchObject({ code: "TOKENS_OFF" });
});

test.each(["", "text", "{}", '{"current":"short"}', `{"current":"${keyOf(1)}","previous":1}`])(
  "another value is an error that doesn't quote it: %j",
  async (SecretString) => {
    const send = async () => ({ SecretString });
    const place = { secretsManager: { send } as unknown as SecretsManagerClient, studySecret: "arn:s" };
    const error = await readSecrets(place).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "STUDY_SECRET_INVALID", value: undefined });
    expect(error).not.toHaveProperty("cause");
  },
);
