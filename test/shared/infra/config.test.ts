import * as pulumi from "@pulumi/pulumi";
import { ingestFields } from "../../../services/ingest/config";
import { readIngestSettings } from "../../../services/ingest/readSettings";
import { readScannerSettings } from "../../../services/scanner/config";
import { ConfigError, ConfigReader } from "../../../shared/infra/config";
import { sentence } from "../../../shared/infra/fields";
import { deploy } from "./deploy";

/** Reads the ingest settings out of this config of project `sluice`. */
async function read(config: Record<string, string>, secretKeys: string[] = []) {
  let settings: ReturnType<typeof readIngestSettings> | undefined;
  let error: unknown;
  let secrets: readonly string[] = [];
  await deploy(
    () => {
      const reader = new ConfigReader();
      settings = readIngestSettings(reader);
      readScannerSettings(reader);
      secrets = reader.secrets;
      try {
        reader.finish();
      } catch (caught) {
        error = caught;
      }
    },
    { config, secretKeys },
  );
  return { settings: settings!, secrets, error: error as ConfigError | undefined };
}

test("without config every setting has its default", async () => {
  const { settings, error } = await read({ "aws:region": "us-east-1" });
  expect(error).toBeUndefined();
  expect(settings).toMatchObject({ minSeconds: 3, requireFreetext: true, batchSize: 10, billing: "on-demand" });
  expect(Object.keys(settings)).toEqual(Object.keys(ingestFields));
});

test("the strings of Pulumi config become numbers, booleans and choices; zero and false are values", async () => {
  const { settings, error } = await read({
    "sluice:ingestMinSeconds": "0",
    "sluice:ingestRequireFreetext": "false",
    "sluice:ingestAnswerMin": "-3",
    "sluice:ingestLogLevel": "WARN",
    "sluice:ingestAlarmEmail": "team@lab.example",
  });
  expect(error).toBeUndefined();
  expect(settings).toMatchObject({
    minSeconds: 0,
    requireFreetext: false,
    answerMin: -3,
    logLevel: "WARN",
    alarmEmail: "team@lab.example",
  });
});

test.each([
  ["ingestBatchSize", "ten"],
  ["ingestBatchSize", "1.5"],
  ["ingestBatchSize", ""],
  ["ingestBatchSize", "0"],
  ["ingestBatchSize", "10001"],
  ["ingestBatchSize", "1e3"],
  ["ingestBatchSize", "99999999999999999999"],
  ["ingestAlarms", "yes"],
  ["ingestAlarms", "True"],
  ["ingestBilling", "ondemand"],
  ["ingestLogRetentionDays", "2"],
  ["ingestAlarmEmail", "team"],
])("%s = %j is refused by name", async (key, value) => {
  const { error } = await read({ [`sluice:${key}`]: value });
  expect(error).toMatchObject({ code: "INVALID_CONFIG", problems: [{ code: "INVALID_VALUE", option: key }] });
});

test("all problems come together, one sentence each, in an error that the CLI prints without a stack", async () => {
  const { error } = await read({
    "sluice:ingestBatchSize": "many",
    "sluice:ingestBilling": "free",
    "sluice:ingest.minSeconds": "3",
  });
  expect(error).toBeInstanceOf(ConfigError);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(error?.problems.map(({ code, option }) => [code, option])).toEqual([
    ["INVALID_VALUE", "ingestBatchSize"],
    ["INVALID_VALUE", "ingestBilling"],
    ["UNKNOWN_KEY", "ingest.minSeconds"],
  ]);
  for (const problem of error?.problems ?? []) expect(error?.message).toContain(`\n  - ${sentence(problem)}`);
});

test("contradictory values are reported under their config keys", async () => {
  const { error } = await read({ "sluice:ingestBatchSize": "100", "sluice:ingestBilling": "provisioned" });
  expect(error?.problems.map(({ code, option }) => [code, option])).toEqual([
    ["BATCH_NEEDS_WINDOW", "ingestBatchSize"],
    ["CAPACITY_MISSING", "ingestReadCapacity"],
    ["CAPACITY_MISSING", "ingestWriteCapacity"],
  ]);
});

test("config of providers and of other projects is ignored", async () => {
  const { error } = await read({ "aws:region": "eu-west-1", "sluicegate:height": "3", "pulumi:tags": "{}" });
  expect(error).toBeUndefined();
});

describe("values set with --secret", () => {
  test("a text is read as usual, and marked as secret", async () => {
    const { settings, secrets, error } = await read({ "sluice:ingestAlarmEmail": "a@lab.example" }, [
      "sluice:ingestAlarmEmail",
    ]);
    expect(error).toBeUndefined();
    expect(settings.alarmEmail).toBe("a@lab.example");
    expect(secrets).toEqual(["a@lab.example"]);
  });

  test.each([
    ["ingestMinSeconds", "4711"],
    ["ingestRequireFreetext", "false"],
    ["ingestBilling", "on-demand"],
    ["scannerOperations", "histogram=examples/ownOperation/histogram.ts"],
  ])(
    "%s, which the resources in the state would show, is refused, and the refusal doesn't show its value",
    async (key, value) => {
      const { error } = await read({ [`sluice:${key}`]: value }, [`sluice:${key}`]);
      expect(error?.problems).toEqual([
        { code: "SECRET_UNKEPT", option: key, rule: expect.stringContaining("without --secret"), value: "a secret" },
      ]);
      expect(error?.message).not.toContain(value);
    },
  );

  test.each([
    ["ingestAlarmEmail", "hunter2"],
    ["ingestTypo", "hunter2"],
    ["scannerOperations", "hunter2=hunter3"],
  ])("no problem of %s shows its value", async (key, value) => {
    const { error } = await read({ [`sluice:${key}`]: value }, [`sluice:${key}`]);
    expect(error?.problems.map(({ option }) => option)).toContain(key);
    expect(error?.message).not.toContain("hunter");
  });
});
