import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Tools } from "../../../shared/operations/operation";
import { failureKey, failureKeysOf, putFailures, readFailures } from "../../../shared/writing/failureList";
import { beforeEachWithTools } from "../operations/export/exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});

test("failures come back as they were put, with key and item as DynamoDB JSON", async () => {
  const key = failureKey("update/a/", 3, 0);
  await putFailures(tools, key, [
    { key: { id: { B: Buffer.from("hi") } }, code: "ITEM_TOO_LARGE", reason: "It is\ntoo large.", attempts: 2 },
    { code: "UNREADABLE_LINE", reason: "No key.", attempts: 0, line: "{" },
  ]);
  expect(await readFailures(tools, key)).toEqual([
    { key: { id: { B: "aGk=" } }, code: "ITEM_TOO_LARGE", reason: "It is\ntoo large.", attempts: 2 },
    { code: "UNREADABLE_LINE", reason: "No key.", attempts: 0, line: "{" },
  ]);
});

test("the unit's result has the number of objects that count", () => {
  expect(failureKeysOf("update/a/", 1, 2)).toEqual([
    "update/a/failures/0000001/0000000.jsonl.gz",
    "update/a/failures/0000001/0000001.jsonl.gz",
  ]);
});

test.each<[string, string | undefined, RegExp]>([
  ["missing", undefined, /cannot be read: it no longer exists\.$/],
  ["no gzip", "x", /cannot be read: .+\.$/],
])("an object that is %s is an error", async (_, content, message) => {
  if (content !== undefined) {
    await tools.s3.send(new PutObjectCommand({ Bucket: tools.bucket, Key: "x", Body: content }));
  }
  await expect(readFailures(tools, "x")).rejects.toMatchObject({
    code: "FAILURES_GONE",
    message: expect.stringMatching(message),
  });
});
