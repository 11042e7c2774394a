/** Wrong usage of every command: all problems at once, a sentence each, exit code 2, before anything is asked of AWS. */
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { reasonCodes } from "../../services/ingest/submission";
import { anyOf } from "../../shared/requestOption";
import { MOST_SEGMENTS } from "../../shared/sources/table/segments";
import { OPERATOR, sluice, stackAt } from "./operatorStack";

const RATE = 'at least 0.001 capacity units per second or a percentage such as "50%"';
const TYPED_RATE = "capacity units per second or a percentage such as 50%";
const ID = "must be 1 to 64 letters, digits, - and _";
const PARTICIPANT = "must be 1 to 64 letters, digits, _ or -";
const FAILURES = "must be a whole number, 0 or more, or a percentage from 0% to 100%";
const SINCE = "must be a time such as 2025-11-22T10:00Z, or how long ago: 30s, 15m, 2h, 3d";
const NO_TERMINAL = "and without a terminal nobody can confirm by typing its name.";
const NOT_READING = "--read-rate is for jobs that read the table; this one doesn't.";
const UPDATE = '{"set":{"a":"b"}}';

const count = ["start", "count", "surveys"];
const counting = [...count, "--read-rate", "5"];
const deleting = ["start", "delete", "orders", "--write-rate", "5", "--yes"];
const updating = ["start", "update", "orders", "--write-rate", "5", "--yes"];
const exporting = ["intake", "participants", "export"];

const SOURCES = "table, export:s3://BUCKET/KEY, keys:s3://BUCKET/KEY or records:s3://BUCKET/KEY";

type Case = readonly [args: readonly string[], ...problems: string[]];

/** What is wrong, by kind. */
const kinds: Readonly<Record<string, readonly Case[]>> = {
  "options of another operation": [
    [[...counting, "--update", UPDATE], "--update is an option of update only."],
    [[...updating, "--update", UPDATE, "--only-if", "a = :b"], "--only-if is an option of delete only."],
    [[...updating, "--update", UPDATE, "--if-absent"], "--if-absent is an option of copy only."],
    [[...counting, "--to", "surveys-copy"], "--to is an option of copy only."],
    [[...counting, "--dry-run"], "--dry-run is an option of update, delete, copy, undo only."],
    [[...counting, "--params", "{}"], "--params are for operations of your own."],
    [[...counting, "--projection", "a"], "--projection makes no sense with count: it counts whole items."],
    [[...count, "--write-rate", "5"], "--read-rate must be given.", "--write-rate is for operations that write items."],
  ],
  "options of another source": [
    [[...counting, "--source", "keys:keys.csv", "--segments", "4"], "--segments is an option of source table only."],
    [
      [...count, "--source", "export:s3://b/AWSDynamoDB/1", "--filter", "a = :a"],
      "--filter is an option of source table only.",
    ],
    [[...counting, "--start-export", "--index", "by-date"], "--index is an option of source table only.", NOT_READING],
    [[...count, "--start-export", "--source", "table"], "--start-export provides the source: leave out --source."],
    [[...counting, "--export-filter", "a"], "--export-filter and the other --export options need --start-export."],
  ],
  "options that need another one": [
    [count, "--read-rate must be given."],
    [updating, "--update must be given."],
    [["start", "copy", "orders", "--write-rate", "5", "--yes"], "--to must be given: the table that the copy goes to."],
    [
      ["start", "copy", "orders", "--to", "orders", "--write-rate", "5", "--yes"],
      "--to must be another table: a copy of a table into itself can only overwrite newer changes.",
    ],
    [[...counting, "--names", '{"#q":"q1"}'], "--names need a filter or a projection."],
    [[...counting, "--values", '{":q":3}'], "--values need a filter."],
    [[...deleting, "--source", "keys:keys.csv", "--values", '{":q":3}'], "--values need --only-if."],
    [[...count, "--start-export", "--export-values", '{":q":3}'], "--export-values need --export-filter."],
    [[...deleting, "--sample", "1%"], "--sample is for dry runs: a job changes all items or none."],
    [["start", "undo", "orders", "--write-rate", "5", "--yes"], "--source must be records."],
    [["jobs", "rate", "a"], "Give --read-rate, --write-rate or both."],
    [
      ["intake", "quarantine", "resend", "--dry-run"],
      "Name records by their keys, or choose them by --reason or --participant.",
    ],
    [["intake", "enroll"], "Give the participants' ids, or a file of ids with --file."],
  ],
  "options that contradict each other": [
    [[...deleting, "--dry-run", "--keep-before"], "--keep-before makes no sense with a dry run: it changes nothing."],
    [
      ["start", "copy", "orders", "--to", "archive", "--write-rate", "5", "--yes", "--keep-before"],
      "--keep-before needs --if-absent: a copy that overwrites items does not read them first.",
    ],
    [
      [...exporting, "--format", "jsonl", "--bom", "--no-guard"],
      "--bom is for --format csv only.",
      "--no-guard is for --format csv only.",
    ],
    [
      ["smoke", "--clean", "smoke-1a2b3c4d", "--timeout", "5", "--table", "orders"],
      "--timeout is for a test: leave out --timeout or --clean.",
      "--table is for a test: leave out --table or --clean.",
    ],
    [
      ["jobs", "list", "--limit", "x".repeat(999)],
      `--limit must be a whole number from 1 to 100, got ${"x".repeat(200)}….`,
    ],
    [["jobs", "list", "--limit", "5", "--limit", "6"], "--limit must be given once, got 5 and 6."],
    [["--stack", "local", "jobs", "list", "--stack", "prod"], "--stack must be given once, got local and prod."],
  ],
  numbers: [
    ...["-5", "0"].map((rate): Case => [[...count, "--read-rate", rate], `--read-rate must be ${RATE}, got ${rate}.`]),
    ...["0x10", "NaN", "Infinity", "1e999", "5 6", "1_000", ".5%"].map(
      (rate): Case => [[...count, "--read-rate", rate], `--read-rate must be ${TYPED_RATE}, got ${rate}.`],
    ),
    ...["0", "-1", "100001", "1.5", "1e21"].map(
      (segments): Case => [
        [...counting, "--segments", segments],
        `--segments must be "auto" or a whole number from 1 to ${MOST_SEGMENTS}, got ${Number(segments)}.`,
      ],
    ),
    ...["0x10", "1_0", "1e", "--5", "1,000"].map(
      (failures): Case => [
        [...deleting, `--max-failures=${failures}`],
        `--max-failures must be a whole number or a percentage such as 5%, got ${failures}.`,
      ],
    ),
    ...["-1", "1.5", "1e21", "9007199254740993"].map(
      (failures): Case => [
        [...deleting, "--max-failures", failures],
        `--max-failures ${FAILURES}, got ${Number(failures)}.`,
      ],
    ),
    ...["0x1%", "1e1%", "-1%", "+1%", "100%", "0%", "1"].map(
      (sample): Case => [
        [...deleting, "--dry-run", "--sample", sample],
        `--sample must be a percentage above 0% and below 100%, such as "1%", got "${sample}".`,
      ],
    ),
    ...["0", "-1", "1.5", "0x10", "9007199254740993", "1e21", "1e999"].flatMap((limit): Case[] => [
      [["logs", "--limit", limit], `--limit must be a whole number, 1 or more, got ${limit}.`],
      [["jobs", "failures", "a", "--limit", limit], `--limit must be a whole number, 1 or more, got ${limit}.`],
      [["intake", "quarantine", "list", "--limit", limit], `--limit must be a whole number, 1 or more, got ${limit}.`],
    ]),
    ...["0", "76", "0x4b", "1e9", "-5"].map(
      (seconds): Case => [
        ["smoke", "--timeout", seconds],
        `--timeout must be a whole number from 1 to 75, got ${seconds}.`,
      ],
    ),
    ...["0%", "150%"].map(
      (rate): Case => [
        ["jobs", "rate", "a", "--read-rate", rate],
        `--read-rate must be above 0% and at most 100%, got "${rate}".`,
      ],
    ),
    [["jobs", "rate", "a", "--write-rate", "-1"], `--write-rate must be ${RATE}, got -1.`],
    ...["0", "-1", "101", "1.5", "0x10", "ten", "1e99"].map(
      (limit): Case => [
        ["jobs", "list", "--limit", limit],
        `--limit must be a whole number from 1 to 100, got ${limit}.`,
      ],
    ),
    [[...counting, "--segments", "0x10"], "--segments must be a number of segments or auto, got 0x10."],
    [[...deleting, "--max-failures", "101%"], `--max-failures ${FAILURES}, got "101%".`],
    ...["0", "70000", "abc"].map(
      (port): Case => [["ui", "--port", port], `--port must be a whole number from 1 to 65535, got ${port}.`],
    ),
    [
      ["intake", "dead", "redrive", "--max-per-second", "501"],
      "--max-per-second must be a whole number from 1 to 500, got 501.",
    ],
  ],
  "nothing, as a shell variable leaves that is not set": [
    [["jobs", "show", ""], "Argument <id> is missing."],
    [["start", "", "", "--read-rate", "5"], "Argument <operation> is missing.", "Argument <table> is missing."],
    [[...count, "--read-rate", ""], "--read-rate needs a value: --read-rate <rate>."],
    [
      ["jobs", "list", "--stack", " ", "--table", ""],
      "--stack needs a value: --stack <name>.",
      "--table needs a value: --table <name>.",
    ],
    [["intake", "quarantine", "resolve", "key", "--note", ""], "--note needs a value: --note <text>."],
  ],
  names: [
    [
      ["jobs", "list", "--state", "runing"],
      '--state must be starting, running, paused, completed, failed or cancelled (Did you mean "running"?), got runing.',
    ],
    [
      [...counting, "--driver", "sprak"],
      '--driver must be queue, workflow or spark (Did you mean "spark"?), got "sprak".',
    ],
    [
      [...count, "--source", "exprot:s3://b/AWSDynamoDB/1"],
      `--source must be ${SOURCES} (Did you mean "export"?), got "exprot:s3://b/AWSDynamoDB/1".`,
    ],
    [
      ["start", "export", "surveys", "--read-rate", "5", "--format", "jsn"],
      '--format must be dynamodb-json or json (Did you mean "json"?), got "jsn".',
    ],
    [[...exporting, "--format", "josnl"], '--format must be csv or jsonl (Did you mean "jsonl"?), got josnl.'],
    ...(["list", "resend", "resolve"] as const).map(
      (verb): Case => [
        ["intake", "quarantine", verb, "--reason", "to_quick", ...(verb === "resolve" ? ["--note", "a"] : [])],
        `--reason must be ${anyOf(reasonCodes)} (Did you mean "too_quick"?), got to_quick.`,
      ],
    ),
    [["intake", "quarantine", "list", "--reason", "nonsense"], `--reason must be ${anyOf(reasonCodes)}, got nonsense.`],
    [
      ["jobs", "list", "--operation", "cuont"],
      '--operation must be count, export, update, delete, copy, undo or histogram (Did you mean "count"?), got cuont.',
    ],
    [["jobs", "watch", "a b"], `<id> ${ID}, got a b.`],
    [["logs", "--job", "a/b"], `--job ${ID}, got a/b.`],
    ...["there", "2025-99-22T10:12:01.000Z#a", "2025-11-22T10:12:01.000Z#", "2025-11-22T10:12:01.000Z#a b"].map(
      (place): Case => [
        ["jobs", "list", "--from", place],
        `--from must be a place that \`jobs list\` has printed, got ${place}.`,
      ],
    ),
    [["intake", "participant", "show", "a/b"], `<id> ${PARTICIPANT}, got a/b.`],
    [["intake", "quarantine", "list", "--participant", "a b"], `--participant ${PARTICIPANT}, got a b.`],
    [["smoke", "--clean", "nonsense"], "--clean must be the id of a run, such as smoke-1a2b3c4d, got nonsense."],
    [["completion", "tcsh"], "<shell> must be bash, zsh or fish, got tcsh."],
    [["completion", "bsh"], '<shell> must be bash, zsh or fish (Did you mean "bash" or "zsh"?), got bsh.'],
    [["jobs", "lst"], "Unknown command 'lst' (Did you mean list?)."],
  ],
  "options that there are not": [
    [[...counting, "--rate", "5"], "Unknown option '--rate' (Did you mean --read-rate or --write-rate?)."],
    [["jobs", "watch", "a", "--follow"], "Unknown option '--follow'."],
    [[...counting, "--watch=yes"], "--watch takes no value, got yes."],
    [["--version"], "Unknown option '--version'."],
    [["jobs", "--state", "running"], "Unknown option '--state' (Did you mean --stack?)."],
  ],
  times: [
    [["logs", "--since", "2999-01-01"], "--since must be in the past, got 2999-01-01."],
    [["logs", "--since", "99999999999d"], "--since must be after 1970, got 99999999999d."],
    ...[
      "soon",
      "0x10s",
      "1e3s",
      "-5m",
      "5 m",
      "15",
      "2025-02-30",
      "2025-13-01",
      "2025-1-2",
      "2025-11-22 (foo)",
      "2025-11-22T10",
    ].map((since): Case => [["logs", `--since=${since}`], `--since ${SINCE}, got ${since}.`]),
  ],
  files: [
    [[...counting, "--prices", "none.json"], "--prices must be a file with prices, but none.json does not exist."],
    [["jobs", "show", "a", "--prices", "folder"], "--prices must be a file with prices, but folder is a folder."],
    [["ui", "--prices", "keys.csv/x"], "--prices must be a file with prices, but keys.csv/x does not exist."],
    [
      [...updating, "--update", "."],
      "--update must be a JSON object or the path of a file with one (it is a folder), got ..",
    ],
    [[...exporting, "--out", "."], "--out must be a file, but . is a folder."],
    [
      [...exporting, "--out", "/none/x.csv"],
      "--out must be in a folder where you can write, but /none does not exist.",
    ],
    [["intake", "enroll", "--file", "none"], "--file must be a file with ids, but none does not exist."],
  ],
  "nobody who could confirm": [
    [["start", "delete", "orders", "--write-rate", "5"], `Add --yes: this delete changes table orders, ${NO_TERMINAL}`],
    [
      ["jobs", "undo", "a"],
      "--write-rate must be given.",
      `Add --yes: this undoing changes the table of job a, ${NO_TERMINAL}`,
    ],
    [["jobs", "delete", "a"], "Add --yes: without a terminal, nobody can confirm the deletion."],
    [
      ["intake", "participant", "erase", "0001"],
      "Add --yes: without a terminal, nobody can confirm by typing the participant's id.",
    ],
    [
      ["intake", "rebuild"],
      "Add --yes or --dry-run: without a terminal, nobody can confirm by typing the table's name.",
    ],
  ],
  "several problems": [
    [
      [
        "start",
        "update",
        "orders",
        "--write-rate",
        "abc",
        "--segments",
        "x",
        "--sample",
        "1%",
        "--prices",
        "none",
        "--yse",
      ],
      "Unknown option '--yse' (Did you mean --yes?).",
      `--write-rate must be ${TYPED_RATE}, got abc.`,
      "--segments must be a number of segments or auto, got x.",
      "--update must be given.",
      "--sample is for dry runs: a job changes all items or none.",
      "--prices must be a file with prices, but none does not exist.",
      `Add --yes: this update changes table orders, ${NO_TERMINAL}`,
    ],
    [
      ["jobs", "redrive", "a b", "--write-rate", "abc", "--prices", "none", "--job-id", "c d"],
      `<id> ${ID}, got a b.`,
      `--write-rate must be ${TYPED_RATE}, got abc.`,
      `--job-id ${ID}, got "c d".`,
      "--prices must be a file with prices, but none does not exist.",
    ],
    [
      ["intake", "quarantine", "resolve", "key", "--participant", "a/b"],
      `--participant ${PARTICIPANT}, got a/b.`,
      "Option --note <text> is missing.",
      "Name records by their keys, or choose them by --reason or --participant.",
    ],
    [
      ["intake", "enroll", "a/b", "--file", "none", "--qrr"],
      "Unknown option '--qrr' (Did you mean --qr?).",
      `<ids> ${PARTICIPANT}, got a/b.`,
      "--file must be a file with ids, but none does not exist.",
    ],
  ],
};

let server: Server;
let root: string;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(500).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const intake = {
    ...{ region: OPERATOR.region, queueUrl: "http://127.0.0.1:1/q", rawBucket: "raw", quarantineBucket: "quarantine" },
    ...{ resultsTable: "results", submissionsTable: "submissions" },
  };
  const logs = { region: OPERATOR.region, groups: { start: "/aws/lambda/start" } };
  root = await stackAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    operator: { ...OPERATOR, operations: ["histogram"] },
    intake,
    logs,
  });
  await writeFile(join(root, "keys.csv"), "id\n1\n");
  await mkdir(join(root, "folder"));
});

beforeEach(() => {
  asked.length = 0;
});

afterAll(() => server.close());

describe.each(Object.entries(kinds))("%s", (_kind, cases) => {
  test.each(cases.map(([args, ...problems]) => [args.join(" "), args, problems] as const))(
    "%s",
    async (_, args, problems) => {
      const text = await sluice(root, [...args]);
      expect(text).toEqual({ code: 2, stdout: "", stderr: `${problems.join("\n")}\n` });
      const { code, stdout, stderr } = await sluice(root, [...args, "--json"]);
      expect([code, stderr, JSON.parse(stdout).error.problems]).toEqual([2, "", problems]);
      expect(asked).toEqual([]);
    },
  );
});

test("--qr prints no JSON", async () => {
  const { code, stdout } = await sluice(root, ["intake", "enroll", "0001", "--qr", "--json"]);
  expect([code, JSON.parse(stdout).error.problems]).toEqual([
    2,
    ["--qr prints pictures, not JSON: leave out --qr or --json."],
  ]);
});

test("a single problem keeps its own code", async () => {
  const missing = JSON.parse((await sluice("/", ["jobs", "list", "--json"])).stdout);
  expect(missing.error.code).toBe("NO_STACK");
  const prices = JSON.parse((await sluice(root, ["jobs", "show", "a", "--prices", "none", "--json"])).stdout);
  expect(prices.error.code).toBe("PRICES_UNREADABLE");
});

test("the stack that is missing is reported with the other problems", async () => {
  const { code, stderr } = await sluice("/", ["jobs", "rate", "a", "--read-rate", "0x10"]);
  expect([code, stderr.split("\n")]).toEqual([
    2,
    [`--read-rate must be ${TYPED_RATE}, got 0x10.`, expect.stringMatching(/^No stack is named /), ""],
  ]);
});
