import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { builtinModules } from "node:module";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { scratchFolder } from "./helpers";
import { InstalledRegistry } from "./installedRegistry";

const ROOT = resolve(__dirname, "../..");
const TSC = require.resolve("typescript/bin/tsc");
/** Bytes of a phone's bundle, minified. With the SDK's clients it has 262,000, and 87,000 gzipped (sender/README.md). */
const MOST_BYTES = 65_000;
const MOST_BYTES_GZIPPED = 26_000;

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const registry = new InstalledRegistry();
let archive: string;
let queue: Server;
let queueUrl: string;
let taken: { action: string; body: string }[] = [];

/** Runs a program with this Node first in its PATH. @throws Error with what it wrote */
async function run(command: string, args: string[], cwd: string): Promise<string> {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, NODE_OPTIONS: "" };
  try {
    return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")}: ${stdout}\n${stderr}`, { cause: error });
  }
}
const node = (file: string, cwd: string) => run(process.execPath, [file, queueUrl], cwd);

beforeAll(async () => {
  await registry.start();
  // In a copy, so the built files don't disturb other tests.
  const checkout = await scratchFolder();
  for (const name of ["package.json", "tsconfig.json"]) cpSync(join(ROOT, name), join(checkout, name));
  cpSync(join(ROOT, "sender"), join(checkout, "sender"), {
    recursive: true,
    filter: (path) => !/[\\/]dist$/.test(path),
  });
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  await run("npm", ["pack", "--offline", "--pack-destination", checkout], join(checkout, "sender"));
  archive = join(checkout, readdirSync(checkout).find((name) => name.endsWith(".tgz")) as string);

  queue = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const action = String(request.headers["x-amz-target"]).split(".")[1] as string;
      taken.push({ action, body: JSON.parse(body).MessageBody });
      response.end(JSON.stringify({ MessageId: "m-1", MD5OfMessageBody: md5(JSON.parse(body).MessageBody) }));
    });
  });
  await new Promise<void>((ready) => queue.listen(0, "127.0.0.1", ready));
  queueUrl = `http://127.0.0.1:${(queue.address() as AddressInfo).port}/000000000000/surveys`;
});
afterAll(async () => {
  queue.closeAllConnections();
  await Promise.all([registry.stop(), new Promise((done) => queue.close(done))]);
});
beforeEach(() => {
  taken = [];
});

/** An empty project with the package in it. */
async function project(manifest: object = {}): Promise<string> {
  const folder = await scratchFolder();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", version: "1.0.0", ...manifest }));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--cache", join(folder, ".npm")];
  await run("npm", ["install", archive, "--registry", registry.url, ...quiet], folder);
  return folder;
}

const SURVEY = { user_id: "0042", timestamp: "100125090000", time_elapsed: 5, q1: 5, freetext: "A long day" };
const SEND = `
const output = { queueUrl: String(process.argv[2]), region: "eu-central-1" };
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
async function main() {
  const sender = createSender(output, { credentials, retry: { attempts: 1 } });
  const { statusCode, messageId, error } = await sender.sendSurvey(${JSON.stringify(SURVEY)});
  const outbox = openOutbox(OUTBOX, sender);
  const saved = await outbox.save({ user_id: "0043" });
  sender.close();
  console.log(JSON.stringify([statusCode, messageId, error, saved.statusCode, (await outbox.names()).length]));
}
`;
const RESULT = [200, "m-1", null, 200, 1];

function expectSent(stdout: string): void {
  expect(JSON.parse(stdout)).toEqual(RESULT);
  expect(taken).toEqual([{ action: "SendMessage", body: JSON.stringify(SURVEY) }]);
}

test("it holds the built code, its types, a README and the licence, but no sources", async () => {
  const names = (await run("tar", ["-tzf", archive], ROOT)).split("\n").map((name) => name.replace("package/", ""));
  const built = ["index.mjs", "index.cjs", "native.js", "index.d.mts", "index.d.cts"].map((name) => `dist/${name}`);
  expect(names).toEqual(expect.arrayContaining(["package.json", "README.md", "LICENSE", ...built]));
  expect(names.filter((name) => /(^|[^d])\.ts$|build\.mjs|tsconfig/.test(name))).toEqual([]);
});

test("it works in a project of ES modules", async () => {
  const folder = await project({ type: "module" });
  const imports = 'import { createSender, openOutbox } from "@sluice/sender";\nconst OUTBOX = "outbox";';
  writeFileSync(join(folder, "main.js"), `${imports}${SEND}await main();`);
  expectSent(await node("main.js", folder));
  expect(existsSync(join(folder, "node_modules/@aws-sdk/client-sqs"))).toBe(true);
});

test("it works in a project of CommonJS modules", async () => {
  const folder = await project();
  const imports = 'const { createSender, openOutbox } = require("@sluice/sender");\nconst OUTBOX = "outbox";';
  writeFileSync(join(folder, "main.js"), `${imports}${SEND}main();`);
  expectSent(await node("main.js", folder));
});

test.each<[string, { type?: string }, string]>([
  ["ES modules", { type: "module" }, 'import * as lib from "@sluice/sender";'],
  ["CommonJS modules", {}, 'import lib = require("@sluice/sender");'],
])("it works in a strict TypeScript project of %s, as tsc --init makes it", async (_, manifest, imports) => {
  const folder = await project(manifest);
  await run(process.execPath, [TSC, "--init"], folder);
  expect(readFileSync(join(folder, "tsconfig.json"), "utf8")).toMatch(/"strict": true/);
  const source = `${imports}
declare const process: { argv: string[] };
const { createSender, openOutbox } = lib;
const OUTBOX: string | lib.OutboxStorage = "outbox";
const options: lib.SenderOptions = { retry: { attempts: 1 } };
// @ts-expect-error an unknown option
const wrong: lib.SenderOptions = { retries: 1 };
// @ts-expect-error no string
const code: number = lib.SenderError.prototype.code;
async function status(sender: lib.Sender): Promise<200 | 400> {
  return (await sender.sendSurvey({ user_id: "1" })).statusCode;
}
export type Used = [typeof options, typeof wrong, typeof code, typeof status];
${SEND.replace("async function main()", "async function main(): Promise<void>")}
void main();
`;
  writeFileSync(join(folder, "main.ts"), manifest.type ? source : source.replace(/^export type .*$/m, ""));
  await run(process.execPath, [TSC], folder);
  expectSent(await node("main.js", folder));
});

describe("a bundle for React Native", () => {
  /** How Metro resolves packages since React Native 0.79, or before that, when it ignored their `exports`. */
  async function bundleOf(folder: string, entry: string, minify = true) {
    const result = await build({
      entryPoints: [join(folder, entry)],
      bundle: true,
      write: false,
      metafile: true,
      minify,
      format: "iife",
      platform: "browser",
      conditions: ["react-native", "import"],
      mainFields: ["react-native", "browser", "main"],
      define: { "process.env.NODE_ENV": '"production"' },
      logLevel: "silent",
    });
    return { text: result.outputFiles[0]!.text, metafile: result.metafile };
  }

  let folder: string;
  beforeAll(async () => {
    folder = await project();
    const storage = `const entries = new Map();
const OUTBOX = { names: async () => [...entries.keys()], save: async (name, text) => void entries.set(name, text) };`;
    writeFileSync(
      join(folder, "main.js"),
      `import { createSender, openOutbox } from "@sluice/sender";\n${storage}${SEND}main();`,
    );
    writeFileSync(join(folder, "all.js"), 'export * from "@sluice/sender";');
  });

  test("sends, without a module of Node's and without the SDK's client", async () => {
    const { text, metafile } = await bundleOf(folder, "main.js");
    const builtIn = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(imported.filter((path) => builtIn.has(path))).toEqual([]);
    expect(text).not.toMatch(/node:[a-z]+|\brequire\(/);
    expect(Object.keys(metafile.inputs).filter((path) => path.includes("@aws-sdk"))).toEqual([]);
    writeFileSync(join(folder, "bundle.js"), text);
    expectSent(await node("bundle.js", folder));
  });

  test("is the same for a bundler that reads only the main fields", async () => {
    const old = await scratchFolder();
    mkdirSync(join(old, "node_modules/@sluice"), { recursive: true });
    cpSync(join(folder, "node_modules/@sluice/sender"), join(old, "node_modules/@sluice/sender"), { recursive: true });
    const path = join(old, "node_modules/@sluice/sender/package.json");
    const { exports: _, ...manifest } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify(manifest));
    cpSync(join(folder, "main.js"), join(old, "main.js"));
    const { text } = await bundleOf(old, "main.js");
    expect(text).toBe((await bundleOf(folder, "main.js")).text);
  });

  test("stays small", async () => {
    const { text } = await bundleOf(folder, "all.js");
    const sizes = { bytes: Buffer.byteLength(text), gzipped: gzipSync(text).length };
    expect(sizes.bytes).toBeLessThan(MOST_BYTES);
    expect(sizes.gzipped).toBeLessThan(MOST_BYTES_GZIPPED);
    const readme = readFileSync(join(ROOT, "sender/README.md"), "utf8");
    expect(readme).toContain(`${MOST_BYTES / 1_000} kB minified, ${MOST_BYTES_GZIPPED / 1_000} kB gzipped`);
  });
});
