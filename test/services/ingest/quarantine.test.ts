import { createHash } from "node:crypto";
import { quarantine, type Refused } from "../../../services/ingest/quarantine";

const refused: Refused = {
  userId: "0001",
  body: '{"user_id":"0001"} ü',
  reasons: [{ field: "q1", code: "out_of_range" } as never],
  messageId: "m-1",
  sentAt: 1_632_830_400_123,
};

async function put(changes: Partial<Refused> = {}) {
  const inputs: Record<string, string>[] = [];
  const signals: unknown[] = [];
  const send = async ({ input }: { input: Record<string, string> }, { abortSignal }: { abortSignal: AbortSignal }) => {
    inputs.push(input);
    signals.push(abortSignal);
    return {};
  };
  const { signal } = new AbortController();
  await quarantine({ s3: { send } as never, quarantineBucket: "quarantine" }, { ...refused, ...changes }, signal);
  expect(signals).toEqual([signal]);
  expect(inputs).toHaveLength(1);
  return inputs[0]!;
}

const sha256 = (text: string, encoding: "hex" | "base64") => createHash("sha256").update(text).digest(encoding);

test("the body is kept with its reasons, its message and its send time in milliseconds", async () => {
  const { Bucket, Body = "" } = await put();
  expect(Bucket).toBe("quarantine");
  expect(JSON.parse(Body)).toEqual({
    reasons: refused.reasons,
    sentAt: "2021-09-28T12:00:00.123Z",
    messageId: "m-1",
    body: refused.body,
  });
});

test.each([
  ["0001", "participants/0001/m-1.json"],
  [undefined, "unidentified/m-1.json"],
])("each message of participant %s has its own key: %s", async (userId, key) => {
  expect(await put({ userId })).toMatchObject({ Key: key });
  expect(await put({ userId, messageId: "m-2" })).toMatchObject({ Key: key.replace("m-1", "m-2") });
});

test("S3 checks the content, and replaces no object", async () => {
  const { Body = "", ChecksumSHA256, IfNoneMatch } = await put();
  expect([ChecksumSHA256, IfNoneMatch]).toEqual([sha256(Body, "base64"), "*"]);
});
