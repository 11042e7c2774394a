import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "..");

/** A project with the loader, and with packages and a cache of its own. */
let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "sluice-loader-")));
  mkdirSync(join(project, "node_modules"));
  for (const name of ["tsx", "esbuild"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
  copyFileSync(join(ROOT, "loader.mjs"), join(project, "loader.mjs"));
});
afterEach(() => rmSync(project, { recursive: true }));

const write = (file: string, ...lines: string[]) => writeFileSync(join(project, file), lines.join("\n"));

async function run(file: string): Promise<string> {
  const ran = promisify(execFile)(process.execPath, ["--import", "./loader.mjs", file], { cwd: project });
  const { stdout, stderr } = await ran.catch((failed: { stdout: string; stderr: string }) => failed);
  return stdout + stderr;
}

const kept = () => readdirSync(join(project, "node_modules/.cache/sluice")).filter((name) => name.endsWith(".cjs"));

/** Prints what another module exports. */
const PRINTS = ['import { says } from "./said";', "console.log(says satisfies string);"];

test("a module is translated once, and again after a change, even one of the same length in the same moment", async () => {
  write("main.ts", ...PRINTS);
  write("said.ts", 'export const says: string = "one";');
  expect([await run("main.ts"), await run("main.ts")]).toEqual(["one\n", "one\n"]);
  expect(kept()).toHaveLength(2);
  write("said.ts", 'export const says: string = "two";');
  expect(await run("main.ts")).toBe("two\n");
  expect(kept()).toHaveLength(3);
});

test("a stack trace names the lines of the source, whether the translation is new or kept", async () => {
  write(
    "main.ts",
    "interface Gone {",
    "  whole: string;",
    "}",
    "function fails(value: Gone): never {",
    "",
    "  throw new Error(value.whole);",
    "}",
    'fails({ whole: "failed" });',
  );
  const traces = [await run("main.ts"), await run("main.ts")];
  for (const trace of traces) {
    expect(trace).toContain(`at fails (${join(project, "main.ts")}:6:9)`);
    expect(trace).toContain(`${join(project, "main.ts")}:8:1`);
  }
});

test("a mistake in a module is reported with its path and line", async () => {
  write("main.ts", "", "const wrong = ;");
  expect(await run("main.ts")).toContain(`${join(project, "main.ts")}:2:14: ERROR`);
});

test("commands that start at the same moment translate the same module", async () => {
  write("main.ts", ...PRINTS);
  write("said.ts", 'export const says: string = "one";');
  expect(await Promise.all(Array.from({ length: 4 }, () => run("main.ts")))).toEqual(Array(4).fill("one\n"));
  expect(kept()).toHaveLength(2);
});

test("a command works where nothing can be kept", async () => {
  writeFileSync(join(project, "node_modules/.cache"), "not a folder");
  write("main.ts", ...PRINTS);
  write("said.ts", 'export const says: string = "one";');
  expect(await run("main.ts")).toBe("one\n");
});

test("an ES module in TypeScript imports modules of the project", async () => {
  write("main.mts", 'const { says } = await import("./said");', "console.log(says satisfies string);");
  write("said.ts", 'export const says: string = "one";');
  expect(await run("main.mts")).toBe("one\n");
});

test.each([
  ["said.ts", "./said", "one"],
  ["said.ts", "./said.js", "one"],
  ["said.ts", "./said.ts", "one"],
  ["node_modules/said/index.js", "said", "a package"],
])("from %s and a JSON file of the same name beside it, %s is the module", async (file, path, says) => {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  write(file, `${file.endsWith(".js") ? "exports." : "export const "}says = "${says}";`);
  write("said.json", "{}");
  write("main.ts", ...PRINTS.map((line) => line.replace("./said", path)));
  expect(await run("main.ts")).toBe(`${says}\n`);
});
