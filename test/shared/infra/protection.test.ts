import type * as pulumi from "@pulumi/pulumi";
import { GuestSender } from "../../../services/ingest/guestSender";
import { BundledFunction } from "../../../shared/infra/bundledFunction";
import { keyedTable } from "../../../shared/infra/keyedTable";
import { PrivateBucket } from "../../../shared/infra/privateBucket";
import { QueueWithDeadLetters } from "../../../shared/infra/queueWithDeadLetters";
import { deploy } from "./deploy";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

const accountId = "111122223333";
const queue = { accountId, visibilityTimeoutSeconds: 30, maxReceiveCount: 3, retentionDays: 4 };
const code = { entry: "handler.ts", permissions: [], environment: {}, timeoutSeconds: 3, memoryMegabytes: 128 };
const table = { hashKey: "pk", pointInTimeRecovery: false };

type Build = (deletionProtection: boolean, options: pulumi.ComponentResourceOptions) => unknown;

const parts: [what: string, build: Build][] = [
  ["a table", (on, options) => keyedTable("part", { ...table, deletionProtection: on }, options)],
  ["a queue", (on, options) => new QueueWithDeadLetters("part", { ...queue, deletionProtection: on }, options)],
  [
    "a bucket",
    (deletionProtection, options) =>
      new PrivateBucket(
        "part",
        { accountId, expirationDays: 0, noncurrentVersionDays: 1, deletionProtection },
        options,
      ),
  ],
  [
    "guests",
    (on, options) => new GuestSender("part", { queueArn: "arn:queue", open: true, deletionProtection: on }, options),
  ],
  [
    "a function",
    (deletionProtection, options) =>
      new BundledFunction("part", { ...code, logRetentionDays: 1, deletionProtection }, options),
  ],
];

const fates = async (...[build, on, options]: [Build, boolean, pulumi.ComponentResourceOptions?]) => {
  const { resources } = await deploy(() => build(on, options ?? {}));
  const names = (protect: boolean) => resources.filter((each) => each.protect === protect).map(({ name }) => name);
  return { all: resources.map(({ name }) => name), kept: names(true), free: names(false) };
};

test.each(parts)("%s: off protects nothing", async (_, build) => {
  const { all, free } = await fates(build, false);
  expect(free).toEqual(all);
});

test.each(parts.slice(0, 4))(
  "%s: protection on protects it, together with its attached resources",
  async (_, build) => {
    const { all, kept } = await fates(build, true);
    expect(kept).toEqual(all);
  },
);

test("a function: protection on protects only its log group", async () => {
  const { kept, free } = await fates(parts[4]![1], true);
  expect(kept).toEqual(["part-log"]);
  expect(free.sort()).toEqual(["part", "part", "part-policy", "part-role"]);
});

test.each(parts)("%s: protection off leaves the choice to the parent", async (_, build) => {
  const { all, kept } = await fates(build, false, { protect: true });
  expect(kept).toEqual(all);
});
