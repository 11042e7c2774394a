/**
 * Executes every code block of README.md, examples/README.md and docs/, in a copy of the project and on one local cloud.
 * notExecuted.ts lists the commands that can't run here, each with its reason and its check. A block of an unknown kind fails.
 */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { operatorOf } from "../../cli/operator";
import { createTable, fillTable } from "../../local/fillTable";
import { systemClock } from "../../shared/clock";
import expected from "../fixtures/expected.json";
import type { RunningCloud } from "../integration/runningCloud";
import { survey } from "../integration/surveys";
import { awsVersion, Checkout } from "./checkout";
import { type CodeBlock, commandLines, documents, fencedBlocks, headerExample } from "./codeBlocks";
import { prepareJobs } from "./jobsOfBlock";
import { type LocalOptions, localOptions, merged } from "./localCommand";
import { notExecuted, type RunCommand, ruleFor } from "./notExecuted";

/** The reader's own tables in the documents, and the number of 2 kB items in each. */
const TABLES = { orders: 4_000, surveys: 400, "surveys-copy": 0 };
/** A table so large that a slow job outlasts the commands that change it, and a table that is soon written. */
const FOR_JOBS = { large: "orders", small: "surveys" } satisfies Record<string, keyof typeof TABLES>;
/** An item this large is too large with any further attribute, so each update of it fails. */
const FULL = { number: 1, note: 409_550 };

const blocks = [...documents().flatMap((file) => fencedBlocks(file)), headerExample("sender/index.ts")];
const ran: RunCommand[] = [];

let checkout: Checkout;
let options: LocalOptions;
let cloud: RunningCloud;
beforeAll(async () => {
  checkout = new Checkout();
  for (const block of blocks) if (pathOf(block)) checkout.write(pathOf(block)!, block.text);
  options = cloudOptions();
  cloud = await checkout.startCloud(options);
  await fillTables();
});
afterAll(async () => {
  try {
    await cloud?.stop();
  } finally {
    checkout?.remove();
  }
});

/** The options of every `npm run local` in the documents, and the tables that the other commands use. */
function cloudOptions(): LocalOptions {
  const commands = blocks.filter(({ language }) => language === "sh").flatMap(commandLines);
  const locals = commands.map((line) => /^npm run local(?: -- (.*))?$/.exec(line)).filter((match) => match !== null);
  const asked = locals.map(([, args = ""]) => localOptions(args.split(/\s+/).filter(Boolean)));
  const tables = Object.keys(TABLES).join(",");
  return merged([...asked, { config: { scannerTables: tables, backfillTables: tables }, others: [] }]);
}

async function fillTables(): Promise<void> {
  const { dynamodb, close } = operator();
  for (const [table, count] of Object.entries(TABLES)) {
    await createTable(dynamodb, table);
    const status = (n: number) => ({ S: n % 3 === 0 ? "constructor" : "paid" });
    await fillTable(dynamodb, table, count, (n) => ({
      id: { S: `item-${n}` },
      ...(n % 7 === 0 ? {} : { status: status(n) }),
      note: { S: "x".repeat(table === FOR_JOBS.small && n === FULL.number ? FULL.note : 2_000) },
    }));
  }
  close();
}

/** Commands about dead letters make sense only if there is one. */
async function leaveDeadLetter(): Promise<void> {
  const sqs = new SQSClient(cloud.client);
  const MessageBody = JSON.stringify(survey({ user_id: "given-up" }));
  await sqs.send(new SendMessageCommand({ QueueUrl: cloud.state.outputs.deadLetterQueueUrl, MessageBody }));
  sqs.destroy();
}

function operator() {
  return operatorOf({ value: cloud.state.outputs.operator, ...cloud.client }, "local", systemClock);
}

/** The path of a ts block that is a file of the project: its first line names it. Other ts blocks are programs. */
function pathOf({ language, text }: CodeBlock): string | undefined {
  return language === "ts" ? /^\/\/ (\S+\.ts)\n/.exec(text)?.[1] : undefined;
}

/** The file of a ts block in the checkout. A program is an ES module, because it uses `await` at the top. */
function fileOf(block: CodeBlock): string {
  return pathOf(block) ?? `${block.file.replaceAll(/\W/g, "-")}-${block.line}.mts`;
}

const rules: Record<string, (block: CodeBlock) => Promise<void> | void> = {
  async sh(block) {
    // These need Spark. test/services/glue/pythonWriting.test.ts runs them, test/integration/spark.test.ts runs similar ones,
    // and test/services/glue/python/test_recipes.py reads the list that a program of Spark writes.
    if (block.text.includes("--driver spark")) return expect(block.file).toBe("docs/glue.md");
    const reader = operator();
    await prepareJobs(block, reader, FOR_JOBS);
    reader.close();
    if (block.text.includes("intake dead ")) await leaveDeadLetter();
    const commands = await checkout.runShell(block);
    expect(commands.length).toBeGreaterThan(0);
    ran.push(...commands);
    for (const command of commands) await ruleFor(command)?.check(command.args, options);
  },
  async ts(block) {
    if (pathOf(block)) return; // run by the job of a sh block
    checkout.write(fileOf(block), block.text);
    await checkout.runTypeScript(fileOf(block));
  },
  async json({ text }) {
    const document = JSON.parse(text) as { rules?: object[]; seed?: number };
    // Fault rules are the only documents of ours that users write as JSON.
    expect(Object.keys(document).sort()).toEqual(["rules", "seed"]);
    await cloud.setFaults(document.rules!, document.seed);
    await cloud.setFaults([]);
  },
  // test/services/glue/python/test_recipes.py runs these blocks in the Python environment, and checks that it runs all of them.
  python: ({ file }) => expect(file).toBe("docs/glue.md"),
  // test/docs/commandReference.test.ts compares these with the commands' help.
  text: ({ file }) => expect(file).toBe("docs/cli.md"),
  "": ({ text }) => expect(text).toMatch(/[┌└│▶▼]/), // a picture
};

test.each(
  blocks.map((block) => [`${block.file}:${block.line}`, block.language, block.text.split("\n")[0], block] as const),
)("%s, %s: %s", async (_place, language, _first, block) => {
  const rule = rules[language];
  if (rule === undefined) throw new Error(`No rule says how to execute a block of language "${language}".`);
  await rule(block);
});

test("the ts blocks are sound TypeScript", async () => {
  await checkout.checkTypes(blocks.filter(({ language }) => language === "ts").map(fileOf));
});

test("every submission that a block sends is accepted under the default policy, and counted once", async () => {
  await cloud.reader.drained(60_000);
  const { rawKeys, quarantined, dead, participants } = await cloud.reader.state();
  const foreseen = new Set(expected.quarantined.map(({ participant }) => participant));
  expect(quarantined.filter(({ key }) => !foreseen.has(key.split("/")[1]!))).toEqual([]);
  expect(dead).toBe(0);
  const samples = rawKeys.filter((key) => !expected.rawKeys.includes(key));
  expect(samples).not.toEqual([]);
  const counted = Object.values(participants).reduce((sum, { num_submission }) => sum + num_submission, 0);
  expect(counted).toBe(rawKeys.length);
  // The runbook's redrive moved it back.
  expect(participants["given-up"]).toMatchObject({ num_submission: 1 });
});

describe("not executed", () => {
  test.each(notExecuted)("$command, which $reason", (rule) => {
    expect(ran.map(ruleFor)).toContain(rule);
  });

  const withAws = awsVersion === "none" ? test.skip : test;
  withAws("aws, which is executed only if the AWS CLI is installed", () => {
    expect(ran.map(({ program }) => program)).toContain("aws");
  });
});
