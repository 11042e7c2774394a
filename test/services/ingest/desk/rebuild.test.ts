import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Desk } from "../../../../services/ingest/desk/desk";
import { type Finding, rebuild } from "../../../../services/ingest/desk/rebuild";
import { type Item, items, resultOf } from "../ground";
import { body, questions } from "../submissions";
import { DeskGround, expireRaw, putItem, putMarker, putRaw, store, storeImplausible } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
});
afterEach(() => {
  ground.ground.stage = (_, next) => next();
});

async function run(dryRun = false) {
  const findings: Finding[] = [];
  const summary = await rebuild({ desk, dryRun, report: (finding) => findings.push(finding) });
  findings.sort((a, b) => (a.participant < b.participant ? -1 : 1));
  return { findings, summary };
}

async function results(): Promise<Item[]> {
  const all = await items(desk, desk.resultsTable);
  return all.sort((a, b) => (a.user_id!.S! < b.user_id!.S! ? -1 : 1));
}

async function forget(userId: string): Promise<void> {
  const Key = { user_id: { S: userId } };
  await desk.dynamodb.send(new DeleteItemCommand({ TableName: desk.resultsTable, Key }));
}

async function spoil(userId: string, UpdateExpression: string, values?: Item): Promise<void> {
  await desk.dynamodb.send(
    new UpdateItemCommand({
      TableName: desk.resultsTable,
      Key: { user_id: { S: userId } },
      UpdateExpression,
      ExpressionAttributeValues: values,
    }),
  );
}

test("lost items come back exactly as the store function made them", async () => {
  await store(desk, { timestamp: "092821120001", q1: 5, q7: 2, time_elapsed: 4.25 });
  await store(desk, { q3: 3 });
  await store(desk, { user_id: "0002", freetext: "ä \ud83d\ude00" });
  await store(desk, { user_id: "0003", timestamp: "2021-09-28T12:00:00.5+02:00" });
  const before = await results();
  for (const { user_id } of before) await forget(user_id!.S!);
  const { findings, summary } = await run();
  expect(await results()).toEqual(before);
  expect(findings.map(({ participant, state }) => [participant, state])).toEqual(
    ["0001", "0002", "0003"].map((participant) => [participant, "rebuilt"]),
  );
  expect(summary).toEqual({ participants: 3, submissions: 4, erased: 0, unchecked: 0, findings: { rebuilt: 3 } });
  expect((await run(true)).findings).toEqual([]);
});

test.each([
  ["a new item", "PutItem", () => forget("0001")],
  ["some attributes", "UpdateItem", () => spoil("0001", "SET num_submission = :n REMOVE q1", { ":n": { N: "7" } })],
])("if only the answer to a correction is lost, it counts as done: %s", async (_, lost, damage) => {
  await store(desk, { q1: 5 });
  const before = await results();
  await damage();
  ground.ground.stage = async ({ action }, next) => {
    const answer = await next();
    if (action !== lost) return answer;
    ground.ground.stage = (_, go) => go();
    throw new Error("lost");
  };
  desk = { ...desk, retry: (call) => call().catch(call) };
  const { findings } = await run();
  expect(await results()).toEqual(before);
  expect(findings).toMatchObject([{ participant: "0001", state: "rebuilt" }]);
});

test("with any submissions and any damage, the items become what they were before", async () => {
  const sent = fc.array(
    fc.record({
      user_id: fc.constantFrom("a", "aa", "b"),
      second: fc.integer({ min: 0, max: 4 }),
      asked: fc.subarray(["q1", "q2", "q3", "q10"]),
      answer: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const damage = fc.constantFrom(
    "SET q1 = :x",
    "SET num_submission = :x",
    "REMOVE submitted_at",
    "SET q99 = :x",
    "lost",
    "none",
  );
  const property = fc.asyncProperty(sent, damage, async (surveys, damaged) => {
    desk = await ground.desk();
    for (const { user_id, second, asked, answer } of surveys) {
      const none = { q1: undefined, q2: undefined };
      const answers = Object.fromEntries(asked.map((question) => [question, answer]));
      await store(desk, { user_id, timestamp: `09282112000${second}`, ...none, ...answers });
    }
    const before = await results();
    for (const { user_id } of before) {
      if (damaged === "lost") await forget(user_id!.S!);
      else if (damaged !== "none") {
        await spoil(user_id!.S!, damaged, damaged.includes(":x") ? { ":x": { N: "77" } } : undefined);
      }
    }
    await run();
    expect(await results()).toEqual(before);
  });
  await fc.assert(property, { numRuns: 25 });
});

test("a dry run reports every difference and changes nothing", async () => {
  await store(desk);
  await spoil("0001", "SET q1 = :five, num_submission = :five, q9 = :five REMOVE freetext", { ":five": { N: "5" } });
  const before = await results();
  const { findings, summary } = await run(true);
  expect(findings).toEqual([
    {
      participant: "0001",
      state: "differs",
      differences: [
        { field: "freetext", is: undefined, shouldBe: { S: "fine" } },
        { field: "num_submission", is: { N: "5" }, shouldBe: { N: "1" } },
        { field: "q1", is: { N: "5" }, shouldBe: { N: "1" } },
        { field: "q9", is: { N: "5" }, shouldBe: undefined },
      ],
    },
  ]);
  expect([await results(), summary.findings]).toEqual([before, { differs: 1 }]);
});

test("others' attributes on an item stay, and are no difference", async () => {
  await store(desk);
  await spoil("0001", "SET cohort = :b", { ":b": { S: "b" } });
  expect((await run(true)).findings).toEqual([]);
  await spoil("0001", "SET num_submission = :n", { ":n": { N: "9" } });
  await run();
  expect(await resultOf(desk, "0001")).toMatchObject({ cohort: { S: "b" }, num_submission: { N: "1" } });
});

test("an item without any attribute of the store function is passed over", async () => {
  await putItem(desk, desk.resultsTable, { user_id: { S: "0001" }, cohort: { S: "b" } });
  expect(await run()).toEqual({
    findings: [],
    summary: { participants: 0, submissions: 0, erased: 0, unchecked: 0, findings: {} },
  });
});

test("differences are written even if they are more than fit into an update expression", async () => {
  await store(desk, questions(700));
  await store(desk, { timestamp: "092821120001", ...questions(700, 101) });
  await spoil("0001", "SET cohort = :b", { ":b": { S: "b" } });
  const before = await results();
  await putItem(desk, desk.resultsTable, { user_id: { S: "0001" }, cohort: { S: "b" }, ...old(900) });
  await run();
  expect(await results()).toEqual(before);
});

/** Answers to questions that nobody asks any more. */
function old(count: number): Item {
  return Object.fromEntries(Object.keys(questions(count)).map((question) => [question, { N: "9" }]));
}

describe("implausible times", () => {
  test("count, but are never the latest", async () => {
    await store(desk);
    await storeImplausible(desk, "0001", "092864120000");
    await run();
    expect(await resultOf(desk, "0001")).toMatchObject({
      num_submission: { N: "2" },
      num_implausible_time: { N: "1" },
      timestamp: { S: "092821120000" },
    });
  });

  test("alone make an item without answers", async () => {
    await storeImplausible(desk, "0001", "092864120000");
    await run();
    const counts = { num_submission: { N: "1" }, num_implausible_time: { N: "1" } };
    expect(await resultOf(desk, "0001")).toEqual({ user_id: { S: "0001" }, ...counts });
  });

  test("that no longer exist leave no count behind", async () => {
    await store(desk);
    await spoil("0001", "SET num_implausible_time = :n", { ":n": { N: "3" } });
    await run();
    expect(await resultOf(desk, "0001")).not.toHaveProperty("num_implausible_time");
  });
});

describe("raw bodies that are gone", () => {
  test("leave the answers of the right submission unchecked, but the count is right", async () => {
    await store(desk);
    await expireRaw(desk, "0001092821120000.json");
    await spoil("0001", "SET num_submission = :n", { ":n": { N: "3" } });
    const { findings, summary } = await run();
    expect(await resultOf(desk, "0001")).toMatchObject({
      num_submission: { N: "1" },
      q1: { N: "1" },
      freetext: { S: "fine" },
    });
    expect([findings, summary.unchecked]).toMatchObject([[{ state: "rebuilt" }], 1]);
  });

  test("leave older answers as they are, and this is reported", async () => {
    await store(desk, { q1: 4 });
    const older = (await resultOf(desk, "0001"))!;
    await store(desk, { timestamp: "092821120001", q1: 5 });
    await expireRaw(desk, "0001092821120001.json");
    await putItem(desk, desk.resultsTable, older);
    expect((await run()).findings).toMatchObject([{ state: "unknown", submission: "0001092821120001" }]);
    expect(await resultOf(desk, "0001")).toEqual({ ...older, num_submission: { N: "2" } });
  });

  test("of a lost item leave the counts alone, and this is reported", async () => {
    await store(desk);
    await expireRaw(desk, "0001092821120000.json");
    await forget("0001");
    expect((await run()).findings).toMatchObject([{ state: "unknown" }]);
    expect(await resultOf(desk, "0001")).toEqual({ user_id: { S: "0001" }, num_submission: { N: "1" } });
  });

  test.each([
    ["another body", body({ q1: 5 })],
    ["what is no survey", "{}"],
  ])("and replaced by %s are not used", async (_, text) => {
    await store(desk);
    await putRaw(desk, "0001092821120000.json", text);
    await forget("0001");
    expect((await run(true)).findings).toMatchObject([{ state: "unknown" }]);
  });

  test("of older submissions don't matter", async () => {
    await store(desk);
    await store(desk, { timestamp: "092821120001" });
    await expireRaw(desk, "0001092821120000.json");
    expect((await run(true)).findings).toEqual([]);
  });
});

test("an item without markers stays unchanged, and is reported", async () => {
  const item = { user_id: { S: "0001" }, num_submission: { N: "2" } };
  await putItem(desk, desk.resultsTable, item);
  expect((await run()).findings).toEqual([{ participant: "0001", state: "no_markers", differences: [] }]);
  expect(await results()).toEqual([item]);
});

describe("erased participants", () => {
  const tombstone = { user_id: { S: "0001" }, erased_at: { S: "2021-09-28T12:00:00Z" } };

  test("stay erased", async () => {
    await putItem(desk, desk.resultsTable, tombstone);
    const { findings, summary } = await run();
    expect([findings, summary]).toMatchObject([[], { participants: 0, erased: 1 }]);
    expect(await results()).toEqual([tombstone]);
  });

  test("with remaining markers are reported, and stay erased", async () => {
    await putItem(desk, desk.resultsTable, tombstone);
    await putRaw(desk, "0001092821120000.json", body());
    await putMarker(desk, "0001", "092821120000", body());
    expect((await run()).findings).toMatchObject([{ state: "erase_unfinished" }]);
    expect(await results()).toEqual([tombstone]);
  });

  test("who are erased while it runs stay erased", async () => {
    await store(desk);
    await forget("0001");
    first("PutItem", () => putItem(desk, desk.resultsTable, tombstone));
    await run();
    expect(await results()).toEqual([tombstone]);
  });
});

describe("submissions that arrive meanwhile", () => {
  const later = { timestamp: "092821120001", q1: 5 };

  test("between reading the markers and the items make no difference", async () => {
    await store(desk);
    first("Scan", () => store(desk, later), desk.resultsTable);
    expect((await run(true)).findings).toEqual([]);
  });

  test("between reading the items and the markers make no difference", async () => {
    await store(desk);
    await spoil("0001", "SET q1 = :n", { ":n": { N: "3" } });
    let scans = 0;
    ground.ground.stage = async ({ action, input }, next) => {
      if (action === "Scan" && input.TableName === desk.submissionsTable && ++scans === 2) await store(desk, later);
      return next();
    };
    expect((await run(true)).findings).toEqual([]);
  });

  test("before the write are counted, because the item is judged again", async () => {
    await store(desk);
    await spoil("0001", "SET num_submission = :n", { ":n": { N: "7" } });
    first("UpdateItem", () => store(desk, later));
    const { findings } = await run();
    expect(findings).toMatchObject([{ state: "rebuilt", differences: [{ field: "num_submission", is: { N: "8" } }] }]);
    expect(await resultOf(desk, "0001")).toMatchObject({ num_submission: { N: "2" }, q1: { N: "5" } });
  });

  test("before every write leave the item unchanged in the end, and this is reported", async () => {
    await store(desk);
    await spoil("0001", "SET num_submission = :n", { ":n": { N: "70" } });
    let second = 1;
    ground.ground.stage = async ({ action }, next) => {
      if (action === "UpdateItem") await store(desk, { timestamp: `0928211200${String(second++).padStart(2, "0")}` });
      return next();
    };
    expect((await run()).findings).toEqual([{ participant: "0001", state: "busy", differences: [] }]);
  });
});

/** Does something once, before the first call of an action. */
function first(wanted: string, work: () => Promise<unknown>, table?: string): void {
  ground.ground.stage = async ({ action, input }, next) => {
    if (action !== wanted || (table !== undefined && input.TableName !== table)) return next();
    ground.ground.stage = (_, go) => go();
    await work();
    return next();
  };
}
