import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "../../../shared/infra/bundle";

const root = resolve(__dirname, "../../..");
const entry = "test/shared/infra/fixtures/handler.ts";
let folder: string;
let bundled: string;
beforeAll(async () => {
  bundled = await bundle(entry);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-bundle-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another checkout of the same sources, as on another machine. */
function checkout(name: string): string {
  const copy = join(folder, name);
  for (const part of ["shared", "test/shared/infra/fixtures"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

test("the same sources give the same bundle in any folder, and with any other files beside them", async () => {
  const [one, other] = [checkout("one"), checkout("a/longer path/other")];
  writeFileSync(join(other, "tsconfig.json"), '{ "compilerOptions": { "target": "es5" } }');
  const bundles = await Promise.all([bundle(entry, {}, one), bundle(entry, {}, other)]);
  expect(new Set([bundled, ...bundles]).size).toBe(1);
});

test("a change in a file behind the handler changes the bundle", async () => {
  const copy = checkout("changed");
  const greeting = join(copy, "test/shared/infra/fixtures/greeting.ts");
  writeFileSync(greeting, readFileSync(greeting, "utf8").replace("morning", "evening"));
  expect(await bundle(entry, {}, copy)).not.toBe(bundled);
});

test("a bundle runs alone in a folder, with credentials from the environment only", async () => {
  writeFileSync(join(folder, "index.mjs"), bundled);
  const run =
    'import("./index.mjs").then(({ handler }) => handler({ name: "Ada" })).then((r) => console.log(JSON.stringify(r)))';
  const environment = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  const printed = execFileSync(process.execPath, ["-e", run], { cwd: folder, env: environment, encoding: "utf8" });
  expect(JSON.parse(printed)).toEqual({ said: "Good morning, Ada", keys: Array(3).fill("AKIDEXAMPLE") });
});

test("a bundle has only the schemas of the operations that its handler calls", async () => {
  const code = await bundle("services/ingest/handlers/store.ts");
  expect(code).toContain('"PutObject"');
  expect(code).not.toMatch(/GetBucketAcl|CreateGlobalTableInput|ListMessageMoveTasks/);
});

describe("event streams are left out", () => {
  const worker = (code: string) =>
    bundle("services/scanner/handlers/work.ts", { "shared/operations/user/userOperations.ts": code });
  const streams = (code: string) => code.includes(":event-type");

  test("if nothing uses them, even with an operation of a user's own", async () => {
    expect(streams(await bundle("services/scanner/handlers/work.ts"))).toBe(false);
    expect(streams(await worker("export const userOperations = {};"))).toBe(false);
  });

  test.each([
    ["S3's operation that streams", 'import { SelectObjectContentCommand as Used } from "@aws-sdk/client-s3";'],
    ["another client", 'import { LambdaClient as Used } from "@aws-sdk/client-lambda";'],
  ])("but not if a user's own operation uses %s", async (_, imports) => {
    const code = `${imports}\nexport const userOperations = { used: { default: () => new Used({}) } };`;
    expect(streams(await worker(code))).toBe(true);
  });
});

test("workers have no schemas of start requests and no library for them; the start function has no writers and no exporters", async () => {
  const [start, reads, writes] = await Promise.all(
    ["services/jobs/handlers/start.ts", "services/scanner/handlers/work.ts", "services/backfill/handlers/work.ts"].map(
      (handler) => bundle(handler),
    ),
  );
  for (const worker of [reads!, writes!]) expect(worker).not.toMatch(/--read-rate|--only-if|"picklist"|kind:"schema"/);
  expect(start).toMatch(/--read-rate/);
  expect(start).not.toMatch(/BatchExecuteStatement|BatchWriteItem|manifest-files\.json`?,/);
});

test("the reading worker reads tables, exports and lists of keys", async () => {
  const worker = await bundle("services/scanner/handlers/work.ts");
  for (const kind of ["table", "export", "keys"]) expect(worker).toContain(`kind:"${kind}"`);
});

test("retries of mode adaptive are left out, unless a user's own operation names them", async () => {
  const text = "This bundle has no adaptive retries";
  const code = `export const userOperations = { used: { default: () => ({ retryMode: "adaptive" }) } };`;
  const entry = "services/scanner/handlers/work.ts";
  expect(await bundle(entry)).toContain(text);
  expect(await bundle(entry, { "shared/operations/user/userOperations.ts": code })).not.toContain(text);
});

test("directory buckets are left out", async () => {
  const code = await bundle("services/backfill/handlers/work.ts");
  expect(code).toContain("This bundle has no directory buckets");
  expect(code).not.toContain('"CreateSession"');
  expect(code).not.toContain("s3ExpressMiddleware");
});

test("requests don't name the features of the SDK that they use", async () => {
  expect(await bundle("services/scanner/handlers/work.ts")).not.toContain("ACCOUNT_ID_MODE_PREFERRED");
});

test.each([
  ["customers' keys", "ssecMiddleware", '{ SSECustomerKey: "key" }'],
  ["redirects to another region", "regionRedirectMiddleware", "{ followRegionRedirects: true }"],
])("%s are left out, unless a user's own operation names them", async (_, text, value) => {
  const code = `export const userOperations = { used: { default: () => (${value}) } };`;
  const entry = "services/scanner/handlers/work.ts";
  expect(await bundle(entry)).not.toContain(text);
  expect(await bundle(entry, { "shared/operations/user/userOperations.ts": code })).toContain(text);
});

describe("web streams and signatures of events", () => {
  const entry = "services/scanner/handlers/work.ts";
  const left = (code: string) =>
    ["This bundle has no web streams", '"This bundle has no event streams."'].map((text) => code.includes(text));
  const worker = (value: string) =>
    bundle(entry, {
      "shared/operations/user/userOperations.ts": `export const userOperations = { used: { default: () => ${value} } };`,
    });

  test("are left out", async () => {
    expect(left(await bundle(entry))).toEqual([true, true]);
  });

  test.each([
    ["web streams", "new ReadableStream()", [false, true]],
    ["signatures", 'import("@smithy/signature-v4").then(({ SignatureV4 }) => SignatureV4)', [true, false]],
  ])("but not if a user's own operation names %s", async (_, value, expected) => {
    expect(left(await worker(value))).toEqual(expected);
  });
});

test("the writing worker with a user's update fits into 480 kB too", async () => {
  const file = "shared/operations/user/userUpdates.ts";
  const code = `export const userUpdates = { used: { update: () => ({ set: { a: 1 } }) } };
    export { userUpdateWork as updateWork } from "./userUpdateWork";`;
  const own = await bundle("services/backfill/handlers/work.ts", { [file]: code });
  expect(Buffer.byteLength(own)).toBeLessThanOrEqual(480_000);
});

test.each([
  "services/ingest/handlers/store.ts",
  "services/jobs/handlers/start.ts",
  "services/scanner/handlers/work.ts",
  "services/backfill/handlers/work.ts",
  "services/glue/handlers/runEnded.ts",
  ...["generate", "processReading", "processWriting", "summarize"].map(
    (name) => `services/shuffle/handlers/${name}.ts`,
  ),
])("%s fits into 480 kB", async (handler) => {
  expect(Buffer.byteLength(await bundle(handler))).toBeLessThanOrEqual(480_000);
});

test("a handler that does not build is refused, and its file is named", async () => {
  writeFileSync(join(folder, "broken.ts"), 'import "./nowhere";');
  await expect(bundle(join(folder, "broken.ts"))).rejects.toMatchObject({
    errors: [{ location: { file: expect.stringContaining("broken.ts"), line: 1 } }],
  });
});
