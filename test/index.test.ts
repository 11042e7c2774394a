import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { backfillFields, readBackfillSettings } from "../services/backfill/config";
import { glueFields, readGlueSettings } from "../services/glue/config";
import { ingestFields } from "../services/ingest/config";
import { readIngestSettings } from "../services/ingest/readSettings";
import { jobsFields, readJobsSettings } from "../services/jobs/config";
import { readScannerSettings, scannerFields } from "../services/scanner/config";
import { readShuffleSettings, shuffleFields } from "../services/shuffle/config";
import { ConfigReader, configKey } from "../shared/infra/config";
import { type Field, summary } from "../shared/infra/fields";
import { programFields } from "../shared/infra/program";
import { deploy, statementsOf } from "./shared/infra/deploy";

interface Declaration {
  type: string;
  description: string;
  default: unknown;
}

const yaml = (name: string) => parse(readFileSync(resolve(__dirname, "..", name), "utf8"));
const project: { name: string; config: Record<string, Declaration> } = yaml("Pulumi.yaml");
const options = [
  ...Object.entries(programFields).map(([name, field]): [string, Field] => [name, field]),
  ...Object.entries(ingestFields).map(([name, field]): [string, Field] => [configKey("ingest", name), field]),
  ...Object.entries(jobsFields).map(([name, field]): [string, Field] => [configKey("jobs", name), field]),
  ...Object.entries(scannerFields).map(([name, field]): [string, Field] => [configKey("scanner", name), field]),
  ...Object.entries(backfillFields).map(([name, field]): [string, Field] => [configKey("backfill", name), field]),
  ...Object.entries(shuffleFields).map(([name, field]): [string, Field] => [configKey("shuffle", name), field]),
  ...Object.entries(glueFields).map(([name, field]): [string, Field] => [configKey("glue", name), field]),
];

test("every file that the header of index.ts names exists", () => {
  const header = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(resolve(__dirname, "../index.ts"), "utf8"))![0];
  const steps = [...header.matchAll(/^ \* {3}(\S+) {2,}\S/gm)].map(([, path]) => path as string);
  expect(steps.length).toBeGreaterThan(15);
  expect(steps.filter((path) => !existsSync(resolve(__dirname, "..", path)))).toEqual([]);
});

describe("Pulumi.yaml", () => {
  test("it declares every option of the program with its type, default and meaning, and no other option", () => {
    const type = ({ kind }: Field) => (kind === "integer" || kind === "boolean" ? kind : "string");
    const declared = (field: Field) => ({ type: type(field), description: summary(field), default: field.default });
    expect(project.config).toEqual(Object.fromEntries(options.map(([key, field]) => [key, declared(field)])));
  });

  test("no key has a dot, because the CLI would read it as a path into an object", () => {
    expect(Object.keys(project.config).filter((key) => /[.[\]:]/.test(key))).toEqual([]);
  });
});

/**
 * What the CLI passes to the program for a stack, as strings: the stack's own values, and the project's defaults for the rest.
 */
function configOf(stackFile: string): Record<string, string> {
  const defaults = Object.entries(project.config).map(([key, declared]) => [`sluice:${key}`, declared.default]);
  const config = { ...Object.fromEntries(defaults), ...yaml(stackFile).config };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)]));
}

test.each(["Pulumi.dev.yaml", "Pulumi.prod.yaml"])(
  "%s has its values in the form of `pulumi config set`, so a later command changes no other line",
  (file) => {
    const { config } = yaml(file);
    expect(Object.entries(config).filter(([, value]) => typeof value !== "string")).toEqual([]);
    const lines = readFileSync(resolve(__dirname, "..", file), "utf8").match(/^ {2}[^ #].*$/gm) ?? [];
    expect(lines).toEqual(Object.entries(config).map(([key, value]) => `  ${key}: ${asTheCliWrites(String(value))}`));
  },
);

/** The CLI's YAML writer quotes a text that would be read as something else. */
function asTheCliWrites(text: string): string {
  return typeof parse(text) === "string" ? text : JSON.stringify(text);
}

test.each(["Pulumi.dev.yaml", "Pulumi.prod.yaml"])("%s is a sound config with a region", async (file) => {
  expect(configOf(file)).toHaveProperty(["aws:region"]);
  await deploy(
    () => {
      const reader = new ConfigReader();
      reader.read(programFields);
      readIngestSettings(reader);
      readJobsSettings(reader);
      readScannerSettings(reader);
      readBackfillSettings(reader);
      readShuffleSettings(reader);
      readGlueSettings(reader);
      expect(() => reader.finish()).not.toThrow();
    },
    { config: configOf(file) },
  );
});

describe("the program on stack dev", () => {
  let outputs: Record<string, pulumi.Output<unknown>>;
  const run = (config: Record<string, string>) =>
    deploy(() => jest.isolateModules(() => (outputs = require("../index"))), { config });

  test("its outputs name everything that the sender, an operator and the CLI need; the program asks AWS only for the account", async () => {
    const { calls, resources } = await run(configOf("Pulumi.dev.yaml"));
    const values = await Promise.all(
      Object.entries(outputs).map(async ([name, output]) => [name, await new Promise((done) => output.apply(done))]),
    );
    expect(Object.fromEntries(values)).toEqual({
      sender: {
        queueUrl: "https://ingest-queue",
        region: "us-east-1",
        rules: {
          ...{
            answerMin: 1,
            answerMax: 5,
            minAnswers: 1,
            minSeconds: 3,
            requireFreetext: true,
            participantTokens: false,
          },
          ...{ freetextCharacters: 10_000, secondsMax: 1_000_000_000, answersBytes: 300_000 },
        },
      },
      queueUrl: "https://ingest-queue",
      queueArn: "arn:ingest-queue",
      deadLetterQueueUrl: "https://ingest-queue-dead",
      deadLetterQueueArn: "arn:ingest-queue-dead",
      rawBucket: "ingest-raw-7f3a",
      quarantineBucket: "ingest-quarantine-7f3a",
      resultsTable: "ingest-results-7f3a",
      submissionsTable: "ingest-submissions-7f3a",
      storeFunction: "ingest-store-7f3a",
      logGroup: "ingest-store-log-7f3a",
      intake: {
        region: "us-east-1",
        queueUrl: "https://ingest-queue",
        queueArn: "arn:ingest-queue",
        deadLetterQueueUrl: "https://ingest-queue-dead",
        deadLetterQueueArn: "arn:ingest-queue-dead",
        rawBucket: "ingest-raw-7f3a",
        quarantineBucket: "ingest-quarantine-7f3a",
        resultsTable: "ingest-results-7f3a",
        submissionsTable: "ingest-submissions-7f3a",
        storeFunction: "ingest-store-7f3a",
        logGroup: "ingest-store-log-7f3a",
        metrics: { namespace: "Sluice/test", service: "ingest" },
      },
      operator: {
        region: "us-east-1",
        jobsTable: "jobs-records-table-7f3a",
        startFunction: "jobs-start-7f3a",
        resultsBucket: "jobs-records-results-7f3a",
        shuffleMaximumConcurrency: 16,
        tables: { read: ["ingest-results-7f3a", "ingest-submissions-7f3a"], write: [] },
        operations: [],
      },
      logs: {
        region: "us-east-1",
        groups: {
          store: "ingest-store-log-7f3a",
          start: "jobs-start-log-7f3a",
          scanner: "scanner-worker-log-7f3a",
          generate: "shuffle-generate-log-7f3a",
          processReading: "shuffle-process-reading-log-7f3a",
          summarize: "shuffle-summarize-log-7f3a",
        },
      },
      startQueueUrl: "https://jobs-starts",
      startDeadLetterQueueUrl: "https://jobs-starts-dead",
      startDeadLetterQueueArn: "arn:jobs-starts-dead",
      startLogGroup: "jobs-start-log-7f3a",
      stateMachine: "arn:shuffle",
      stateMachineLogGroup: "shuffle-log-7f3a",
      workflowLogGroups: {
        generate: "shuffle-generate-log-7f3a",
        processReading: "shuffle-process-reading-log-7f3a",
        summarize: "shuffle-summarize-log-7f3a",
      },
      unitQueueUrl: "https://scanner-units",
      unitDeadLetterQueueUrl: "https://scanner-units-dead",
      unitDeadLetterQueueArn: "arn:scanner-units-dead",
      unitLogGroup: "scanner-worker-log-7f3a",
      resultsBucket: "jobs-records-results-7f3a",
      jobsTable: "jobs-records-table-7f3a",
    });
    // Pulumi would print a warning for each.
    expect(values.filter(([, value]) => value === undefined)).toEqual([]);
    expect(calls).toEqual(["aws:index/getCallerIdentity:getCallerIdentity"]);
    expect(resources.length).toBeGreaterThan(20);
  });

  test("if a table may be changed, the outputs also name the writing workers' parts and logs", async () => {
    await run({ ...configOf("Pulumi.dev.yaml"), "sluice:backfillTables": "surveys" });
    const values = await new Promise((done) => {
      const { writingDeadLetterQueueArn, writingLogGroup, workflowLogGroups } = outputs;
      pulumi.all([writingDeadLetterQueueArn, writingLogGroup, workflowLogGroups]).apply(done);
    });
    const writing = { processWriting: "shuffle-process-writing-log-7f3a" };
    expect(values).toEqual(["arn:backfill-units-dead", "backfill-worker-log-7f3a", expect.objectContaining(writing)]);
  });

  test("reading workers may read a table that may be changed, whether it is named once or twice", async () => {
    const { resources } = await run({
      ...configOf("Pulumi.dev.yaml"),
      ...{ "sluice:scannerTables": "surveys,orders", "sluice:backfillTables": "surveys,archive" },
    });
    const policy = resources.find(({ name }) => name === "scanner-worker-policy")!.inputs.policy;
    const { ReadTables } = statementsOf(policy);
    const names = ReadTables.Resource.map((arn: string) => arn.replace(/.*table\//, ""));
    expect(names.filter((name: string) => !name.includes("ingest-"))).toEqual(["surveys", "orders", "archive"]);
  });

  test("with a Glue job, the outputs tell an operator its name, and its logs have names of their own", async () => {
    const { resources } = await run({ ...configOf("Pulumi.dev.yaml"), "sluice:glueWorkers": "3" });
    const values = await new Promise((done) => {
      const { operator, glueJob, glueOutputLogGroup, glueErrorLogGroup, runEndedLogGroup } = outputs;
      pulumi.all([operator, glueJob, glueOutputLogGroup, glueErrorLogGroup, runEndedLogGroup]).apply(done);
    });
    expect(values).toEqual([
      expect.objectContaining({ glueJob: "sluice-test-glue" }),
      "sluice-test-glue",
      "/aws-glue/jobs/sluice-test-glue/output",
      "/aws-glue/jobs/sluice-test-glue/error",
      "glue-run-ended-log-7f3a",
    ]);
    expect(resources.filter(({ type }) => type.startsWith("aws:glue"))).toHaveLength(1);
  });

  test("without Glue workers there is no resource of Glue", async () => {
    const { resources } = await run(configOf("Pulumi.dev.yaml"));
    expect(resources.filter(({ name }) => name.startsWith("glue"))).toEqual([]);
    expect(JSON.stringify(resources.map(({ inputs }) => inputs))).not.toMatch(/glue/i);
  });

  const refusal = async (config: Record<string, string>) => {
    let error: unknown;
    const { resources } = await deploy(
      () => {
        try {
          jest.isolateModules(() => require("../index"));
        } catch (caught) {
          error = caught;
        }
      },
      { config },
    );
    return { error: error as Error & { problems?: { option: string }[] }, resources };
  };

  test("a config with problems makes nothing, and all problems are named", async () => {
    const broken = {
      "sluice:senderAccess": "anyone",
      "sluice:ingestBatchSize": "0",
      "sluice:jobsExpirationDays": "29",
      "sluice:scannerBatchSize": "11",
      // The option belongs to the jobs service now.
      "sluice:scannerDeletionProtection": "false",
      "sluice:typo": "1",
    };
    const { error, resources } = await refusal({ ...configOf("Pulumi.dev.yaml"), ...broken });
    expect(error.problems?.map(({ option }) => option)).toEqual([
      ...["senderAccess", "ingestBatchSize", "jobsExpirationDays", "scannerBatchSize"],
      ...["scannerDeletionProtection", "typo"],
    ]);
    expect(resources).toEqual([]);
  });

  test("operations that are not modules are reported like any other problem of the config", async () => {
    const operations = "histogram=examples/ownOperation/histogram.ts,count=index.ts,gone=./gone.ts,gone=./gone.ts";
    const { error, resources } = await refusal({ "aws:region": "us-east-1", "sluice:scannerOperations": operations });
    expect(error.problems).toMatchObject([
      { code: "DUPLICATE_OPERATION", option: "scannerOperations.gone" },
      { code: "INVALID_OPERATION", option: "scannerOperations.count" },
      { code: "INVALID_OPERATION", option: "scannerOperations.gone" },
    ]);
    expect(resources).toEqual([]);
  });

  test("without a region nothing is made, and one sentence explains how to set it", async () => {
    const { AWS_REGION, AWS_DEFAULT_REGION, ...elsewhere } = process.env;
    const environment = process.env;
    process.env = elsewhere;
    const { error, resources } = await refusal({}).finally(() => {
      process.env = environment;
    });
    expect(Object.keys(error)).toContain("__pulumiRunError");
    expect(error.message).toContain("pulumi config set aws:region");
    expect(error.message).toContain("AWS_REGION");
    expect(error.message.split("\n")).toHaveLength(1);
    expect(resources).toEqual([]);
  });
});
