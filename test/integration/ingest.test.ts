import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { until } from "../local/smallCloud";
import { RunningCloud } from "./runningCloud";
import { secondOfDay, survey } from "./surveys";

let cloud: RunningCloud;
let sqs: SQSClient;
let s3: S3Client;
beforeAll(async () => {
  // A short function timeout makes for a short visibility timeout (six times as long), which killed batches wait out.
  cloud = await RunningCloud.start({ ingestTimeoutSeconds: "5" });
  sqs = new SQSClient(cloud.client);
  s3 = new S3Client(cloud.client);
});
afterAll(() => cloud?.stop());

async function post(body: object | string): Promise<void> {
  const MessageBody = typeof body === "string" ? body : JSON.stringify(body);
  await sqs.send(new SendMessageCommand({ QueueUrl: cloud.state.outputs.queueUrl, MessageBody }));
}

async function send(...bodies: (object | string)[]): Promise<void> {
  for (const body of bodies) await post(body);
  await cloud.reader.drained(90_000);
}

async function objectText(bucketOutput: string, key: string): Promise<string> {
  const Bucket = String(cloud.state.outputs[bucketOutput]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
  return (await Body?.transformToString()) ?? "";
}

async function participant(id: string) {
  return (await cloud.reader.state()).participants[id];
}

describe("a message that can never be accepted", () => {
  const cases: [what: string, body: string, code: string][] = [
    ["is not JSON", "{not json", "not_json"],
    ["is one space", " ", "not_json"],
    ["is an array", "[1, 2]", "not_an_object"],
    ["is null", "null", "not_an_object"],
    ["is a number", "17", "not_an_object"],
    ["has wrong types", JSON.stringify(survey({ user_id: 7 as never, q1: "five" as never })), "invalid"],
    ["is huge and not a survey", `{"user_id":"${"x".repeat(900_000)}"}`, "invalid"],
    [
      "has binary content as text",
      Buffer.from(Array.from({ length: 64 }, (_, i) => i * 4)).toString("base64"),
      "not_json",
    ],
    ["brings a __proto__", '{"__proto__":{"user_id":"evil","timestamp":"092821120000"}}', "invalid"],
    ["has a path in its user_id", JSON.stringify(survey({ user_id: "../../etc/passwd" })), "invalid"],
    ["has a slash in its user_id", JSON.stringify(survey({ user_id: "a/b" })), "invalid"],
    ["names 29 February of a year without one", JSON.stringify(survey({ timestamp: "022921120000" })), "invalid"],
    ["names hour 24", JSON.stringify(survey({ timestamp: "123121240000" })), "invalid"],
    ["was answered too quickly", JSON.stringify(survey({ time_elapsed: 2.9 })), "too_quick"],
    ["has blank free text", JSON.stringify(survey({ freetext: " \n" })), "empty_freetext"],
    ["has free text of zero-width characters", JSON.stringify(survey({ freetext: "\u200b\u200d" })), "empty_freetext"],
    ["has no answers", JSON.stringify({ ...survey(), q1: undefined, q2: undefined, q3: undefined }), "too_few_answers"],
    ["has a question by another name", JSON.stringify({ ...survey(), Q4: 4 }), "not_a_question"],
    ["has 10,001 characters of free text", JSON.stringify(survey({ freetext: "x".repeat(10_001) })), "invalid"],
  ];

  test.each(cases)("goes to quarantine, character for character, when it %s", async (_, body, code) => {
    await send(body);
    const { quarantined, dead } = await cloud.reader.state();
    const kept = await Promise.all(quarantined.map(({ key }) => objectText("quarantineBucket", key)));
    const record = kept.map((text) => JSON.parse(text)).find((one) => one.body === body);
    expect(record.reasons.map((reason: { code: string }) => reason.code)).toContain(code);
    expect(dead).toBe(0);
  });

  test("leaves no trace in the results", async () => {
    const { participants } = await cloud.reader.state();
    expect(Object.keys(participants).filter((id) => !/^[A-Za-z0-9_-]{1,64}$/.test(id) || id === "evil")).toEqual([]);
  });

  test("has all its reasons listed", async () => {
    await send(JSON.stringify(survey({ user_id: "a b", timestamp: "now", time_elapsed: 1, q2: 99, freetext: "" })));
    const { quarantined } = await cloud.reader.state();
    const fields = quarantined.map(({ reasons }) => reasons.map(({ field }) => field).sort());
    expect(fields).toContainEqual(["freetext", "q2", "time_elapsed", "timestamp", "user_id"]);
  });
});

test("the raw object is the body byte for byte, white space, unknown fields and emoji included", async () => {
  const body = `{ "app": {"version": "1.0"},\r\n  ${JSON.stringify(survey({ user_id: "raw", freetext: "çà ☀️ 😀" })).slice(1)}\n`;
  await send(body);
  expect(await objectText("rawBucket", "raw092821120000.json")).toBe(body);
});

test("around a year's end the later answers win, although their timestamp sorts first as text", async () => {
  const before = survey({ user_id: "newyear", timestamp: "123121235959", q1: 1 });
  const after = survey({ user_id: "newyear", timestamp: "010122000000", q1: 2 });
  await send(after, before);
  expect(await participant("newyear")).toMatchObject({ num_submission: 2, q1: 2, timestamp: "010122000000" });
});

test("a late old submission is counted and changes no answers", async () => {
  const submissions = [3, 1, 2].map((n) => survey({ user_id: "late", timestamp: secondOfDay(n), q1: n }));
  await send(...submissions);
  expect(await participant("late")).toMatchObject({ num_submission: 3, q1: 3, timestamp: secondOfDay(3) });
});

test("a time that can't be true is counted and changes no answers, now or later", async () => {
  const ahead = ["2564-09-28T21:12:00Z", "092869211200", "2064-01-01T00:00:00+0700"];
  const wrong = ahead.map((timestamp) => survey({ user_id: "clock", timestamp, q1: 5 }));
  await send(...wrong);
  expect(await participant("clock")).toEqual({ num_submission: 3, num_implausible_time: 3 });
  await send(...wrong, survey({ user_id: "clock", timestamp: secondOfDay(1), q1: 1 }));
  await send(...wrong, survey({ user_id: "clock", timestamp: secondOfDay(2), q1: 2 }));
  expect(await participant("clock")).toMatchObject({ num_submission: 5, num_implausible_time: 3, q1: 2 });
});

test("the latest answers replace the former ones whole", async () => {
  const { q3: _, ...shorter } = survey({ user_id: "whole", timestamp: secondOfDay(2), q1: 4 });
  await send(survey({ user_id: "whole", timestamp: secondOfDay(1), q4: 3 }), shorter);
  const item = await participant("whole");
  expect(item).toMatchObject({ num_submission: 2, q1: 4, q2: 1 });
  expect(Object.keys(item ?? {})).not.toEqual(expect.arrayContaining(["q3"]));
  expect(Object.keys(item ?? {})).not.toEqual(expect.arrayContaining(["q4"]));
});

test("of two submissions with the same key and different content, both are kept and one is counted", async () => {
  const [first, second] = [1, 2].map((q1) => survey({ user_id: "conflict", q1 }));
  await send(first as object, second as object, second as object, first as object);
  const { participants, quarantined } = await cloud.reader.state();
  expect(participants.conflict).toMatchObject({ num_submission: 1 });
  const conflicts = quarantined.filter(({ key }) => key.startsWith("participants/conflict/"));
  // Each body was sent twice, so whichever body loses has a record for each of its messages.
  expect(conflicts.map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([["conflict"], ["conflict"]]);
  const raw = await objectText("rawBucket", "conflict092821120000.json");
  const kept = JSON.parse(await objectText("quarantineBucket", conflicts[0]?.key ?? "")).body;
  expect([raw, kept].sort()).toEqual([first, second].map((one) => JSON.stringify(one)).sort());
});

test("two thousand questions are stored, and replaced by three", async () => {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`q${index + 1}`, 1 + (index % 5)]));
  await send(survey({ user_id: "many", timestamp: secondOfDay(1), ...many }));
  expect(await participant("many")).toMatchObject({ num_submission: 1, q2000: 5 });
  await send(survey({ user_id: "many", timestamp: secondOfDay(2) }));
  const item = (await participant("many")) ?? {};
  expect(item).toMatchObject({ num_submission: 2, q1: 5 });
  expect(Object.keys(item).filter((name) => /^q\d+$/.test(name))).toEqual(["q1", "q2", "q3"]);
});

test("answers that would not fit into an item go to quarantine", async () => {
  const flood = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`q${index + 1}`, 1]));
  await send(survey({ user_id: "flood", ...flood }));
  const { participants, quarantined } = await cloud.reader.state();
  expect(participants.flood).toBeUndefined();
  const kept = quarantined.find(({ key }) => key.startsWith("participants/flood/"));
  expect(kept?.reasons.map(({ code }) => code)).toEqual(["item_too_large"]);
});

test("the index finds one participant's markers, and none of participants whose ids begin alike", async () => {
  const times = [1, 2].map(secondOfDay);
  await send(
    ...times.map((timestamp) => survey({ user_id: "near", timestamp })),
    survey({ user_id: "near0", timestamp: secondOfDay(3) }),
  );
  const dynamodb = new DynamoDBClient(cloud.client);
  const query = new QueryCommand({
    TableName: String(cloud.state.outputs.submissionsTable),
    IndexName: "byParticipant",
    KeyConditionExpression: "user_id = :user",
    ExpressionAttributeValues: { ":user": { S: "near" } },
  });
  const { Items = [] } = await dynamodb.send(query);
  dynamodb.destroy();
  expect(Items).toEqual(times.map((time) => ({ user_id: { S: "near" }, submission: { S: `near${time}` } })));
});

test("a handler that is killed anywhere leaves its submission to be counted once, later", async () => {
  const places = [
    // Before its raw object is stored; between S3 and DynamoDB; after the transaction took effect.
    ["s3", "PutObject", "before"],
    ["dynamodb", "TransactWriteItems", "before"],
    ["dynamodb", "TransactWriteItems", "after"],
  ] as const;
  const idOf = (action: string, when: string) => `killed-${action}-${when}`;
  for (const [service, action, when] of places) {
    await cloud.setFaults([{ service, action, count: 1, fault: { kind: "killCaller", when } }]);
    await post(survey({ user_id: idOf(action, when) }));
    await until(async () => {
      const { rules } = await cloud.administer("GET", "faults");
      return (rules as { struck: number }[])[0]?.struck === 1;
    });
    await cloud.setFaults([]);
  }
  // The killed messages wait out the visibility timeout together.
  await cloud.reader.drained(90_000);
  for (const [, action, when] of places) {
    const user_id = idOf(action, when);
    expect(await participant(user_id)).toMatchObject({ num_submission: 1, q1: 5 });
    expect(await objectText("rawBucket", `${user_id}092821120000.json`)).toBe(JSON.stringify(survey({ user_id })));
  }
});

test("lost answers of every service are made good in the same invocation", async () => {
  const services = [
    ["s3", "PutObject"],
    ["dynamodb", "TransactWriteItems"],
    ["sqs", "DeleteMessageBatch"],
  ];
  const lost = services.map(([service, action]) => ({ service, action, count: 1, fault: { kind: "lost" } }));
  await cloud.setFaults(lost);
  await send(
    survey({ user_id: "lost", timestamp: secondOfDay(1) }),
    survey({ user_id: "lost", timestamp: secondOfDay(2) }),
  );
  await cloud.setFaults([]);
  expect(await participant("lost")).toMatchObject({ num_submission: 2 });
});

test("answers and free text never get into the logs", async () => {
  await send(survey({ user_id: "discreet", freetext: "my deepest secret", time_elapsed: 1 }));
  await send(survey({ user_id: "discreet", freetext: "my deepest secret" }));
  const logs = await cloud.logs();
  expect(logs).toContain("quarantined");
  expect(logs).not.toContain("secret");
});
