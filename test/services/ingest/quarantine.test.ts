import { createHash } from "node:crypto";
import { quarantine, type Refused } from "../../../services/ingest/quarantine";

const refused: Refused = {
  id: "0001092821120000",
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

test("the body is kept with its reasons, its message and when it was sent, to the millisecond", async () => {
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
  ["0001092821120000", "0001092821120000"],
  [undefined, "unidentified"],
])("with the id %s its key begins with %s and is the same for the same body", async (id, folder) => {
  const { Key } = await put({ id });
  expect(Key).toBe(`${folder}/${sha256(refused.body, "hex")}.json`);
  expect(await put({ id, sentAt: 1, messageId: "m-2", reasons: [] })).toMatchObject({ Key });
});

test("S3 checks what it stores, and replaces nothing", async () => {
  const { Body = "", ChecksumSHA256, IfNoneMatch } = await put();
  expect([ChecksumSHA256, IfNoneMatch]).toEqual([sha256(Body, "base64"), "*"]);
});
