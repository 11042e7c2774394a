import type { Call } from "../../../local/gateway/call";
import { jsonResponse } from "../../../local/gateway/message";
import { billedFor, isEmptyReceive, s3Class } from "../../../local/metering/billedRequests";

function call(service: Call["service"], action: string, input: Record<string, unknown> = {}): Call {
  const body = Buffer.from(JSON.stringify(input));
  return { service, action, input, principal: "anonymous", request: { method: "POST", url: "/", headers: {}, body } };
}

const nothing = jsonResponse(200, {});
const text = (kilobytes: number) => "x".repeat(kilobytes * 1024);

test.each([
  ["PutObject", "put"],
  ["CopyObject", "put"],
  ["CreateMultipartUpload", "put"],
  ["UploadPart", "put"],
  ["CompleteMultipartUpload", "put"],
  ["ListObjectsV2", "put"],
  ["ListParts", "put"],
  ["GetObject", "get"],
  ["HeadObject", "get"],
  ["DeleteObject", "free"],
  ["DeleteObjects", "free"],
  ["AbortMultipartUpload", "free"],
])("S3 bills %s in the class %s", (operation, expected) => {
  expect(s3Class(operation)).toBe(expected);
  expect(billedFor(call("s3", operation), nothing)).toBe(expected === "free" ? 0 : 1);
});

test.each([
  ["a message of a few bytes", { MessageBody: "x" }, 1],
  ["a message of 64 KB", { MessageBody: text(64) }, 1],
  ["a message of 65 KB", { MessageBody: text(65) }, 2],
  ["a message of 256 KB", { MessageBody: text(256) }, 4],
  ["ten small messages", { Entries: Array.from({ length: 10 }, () => ({ MessageBody: text(1) })) }, 1],
  ["ten messages of 10 KB", { Entries: Array.from({ length: 10 }, () => ({ MessageBody: text(10) })) }, 2],
])("SQS bills a request for each 64 KB: %s", (_, input, requests) => {
  const action = "Entries" in input ? "SendMessageBatch" : "SendMessage";
  expect(billedFor(call("sqs", action, input), nothing)).toBe(requests);
});

test("SQS bills a receive by what it brings, and a receive that brings nothing as one request", () => {
  const receive = call("sqs", "ReceiveMessage");
  const messages = (count: number) => jsonResponse(200, { Messages: Array(count).fill({ Body: text(40) }) });
  expect(billedFor(receive, nothing)).toBe(1);
  expect(billedFor(receive, messages(2))).toBe(2);
  expect([nothing, messages(1), messages(2)].map((answer) => isEmptyReceive(receive, answer))).toEqual([
    true,
    false,
    false,
  ]);
});

test("EventBridge bills by event, and an event of more than 64 KB as several", () => {
  const Entries = [{ Detail: "{}" }, { Detail: "{}" }, { Detail: JSON.stringify({ text: text(65) }) }];
  expect(billedFor(call("events", "PutEvents", { Entries }), nothing)).toBe(4);
});
