/**
 * A model of how deliveries store a submission: the real `storeSubmission` on S3 and DynamoDB in memory, with every call as an
 * atomic step. Between two steps, a queue, a crash, a lost answer, a lifecycle rule or somebody else can do anything.
 * `model/invariants.ts` has the conditions that must hold. See docs/decisions/0010-counted-once.md.
 */
import { exploreAll } from "./model/explore";
import type { Scenario } from "./model/world";

/** Each has at least this many worlds, so a scenario that has become trivial fails. */
const scenarios: readonly [title: string, scenario: Scenario, worlds: number][] = [
  ["two bodies, crashes", { messages: ["a", "b"], trouble: { crash: 2 } }, 5_000],
  ["two bodies, a crash and a lost answer", { messages: ["a", "b"], trouble: { crash: 1, lost: 1 } }, 5_000],
  ["two bodies, one of which comes again", { messages: ["a", "b"], trouble: { duplicate: 1 } }, 6_000],
  ["two messages with the same body, crashes", { messages: ["a", "a"], trouble: { crash: 2 } }, 2_500],
  ["a message that comes again, crashes", { messages: ["a"], trouble: { crash: 2, duplicate: 1 } }, 2_000],
  ["a message that comes three times at once", { messages: ["a"], trouble: { duplicate: 2 } }, 1_000],
  ["three bodies", { messages: ["a", "b", "c"], trouble: {} }, 5_000],
  ["two bodies, one of them twice", { messages: ["a", "a", "b"], trouble: {} }, 3_000],
  ["an object that expires, and a late duplicate", { messages: ["a", "a"], trouble: { expiry: 1, crash: 1 } }, 2_000],
  ["an object that expires, and a conflict", { messages: ["a", "b"], trouble: { expiry: 1, crash: 1 } }, 3_000],
  [
    "an object that expires, a conflict, and a message that comes again",
    { messages: ["a", "b"], trouble: { expiry: 1, duplicate: 1 } },
    20_000,
  ],
  ["an object that expires, a duplicate and a conflict", { messages: ["a", "a", "b"], trouble: { expiry: 1 } }, 10_000],
  ["an item without room", { messages: ["a"], full: true, trouble: { crash: 1, duplicate: 1 } }, 30_000],
  ["an item without room, crashes", { messages: ["a"], full: true, trouble: { crash: 2 } }, 150],
  ["an item that gets room", { messages: ["a", "a"], full: true, trouble: { room: 1 } }, 3_000],
  [
    "an item that gets room while a message comes twice",
    { messages: ["a"], full: true, trouble: { crash: 1, room: 1, duplicate: 1 } },
    60_000,
  ],
  ["an item that gets room for a correction", { messages: ["a", "b"], full: true, trouble: { room: 1 } }, 3_000],
  ["an erased participant", { messages: ["a"], trouble: { erasure: 1, duplicate: 1 } }, 1_500],
  ["an erased participant, a crash", { messages: ["a"], trouble: { crash: 1, erasure: 1 } }, 200],
  ["an erased participant with a conflict", { messages: ["a", "b"], trouble: { erasure: 1 } }, 2_000],
  [
    "an erased participant whose bodies are refused",
    { messages: ["bad", "bad"], trouble: { crash: 1, erasure: 1 } },
    2_000,
  ],
];

test.each(scenarios)("whatever the order: %s", async (_title, scenario, worlds) => {
  expect(await exploreAll(scenario)).toBeGreaterThan(worlds);
});
