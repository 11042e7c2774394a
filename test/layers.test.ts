import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(__dirname, "..");

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .map((file) => join(folder, file));
}

/** What a file imports: packages by name, own files by path from the root. Types count too: they tie as well. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const names = [...text.matchAll(/(?:from|import|require)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name as string);
  return names.map((name) => (name.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name));
}

function offenders(files: string[], forbidden: RegExp): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((name) => forbidden.test(name))
      .map((name) => `${file} → ${name}`),
  );
}

const infrastructure = [
  ...sources("shared/infra"),
  ...sources("services").filter((file) => file.endsWith("component.ts")),
];
const runtime = [
  ...sources("shared/runtime"),
  ...sources("shared/middleware"),
  ...sources("services").filter((file) => file.includes("/handlers/")),
];

/** Everything a file pulls in, itself included. */
function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const name of importsOf(file)) {
    const own = [name, `${name}.ts`, join(name, "index.ts")].find(
      (path) => /\.ts$/.test(path) && existsSync(join(ROOT, path)),
    );
    if (own) closure(own, seen);
  }
  return seen;
}

test("there is something to check", () => {
  expect(infrastructure.length).toBeGreaterThan(5);
  expect(runtime.length).toBeGreaterThan(5);
  expect(importsOf("index.ts")).toContain("services/ingest/component");
});

test("infrastructure names handlers by path and never imports them", () => {
  expect(offenders([...infrastructure, "index.ts"], /\/handlers\/|^shared\/middleware/)).toEqual([]);
});

test("handlers and all they pull in are free of Pulumi", () => {
  const files = [...new Set(runtime.flatMap((file) => [...closure(file)]))];
  expect(offenders(files, /^@pulumi\/|^shared\/infra/)).toEqual([]);
});

test("sender and cli import neither services nor the local cloud", () => {
  expect(offenders([...sources("sender"), ...sources("cli")], /^(services|local)\//)).toEqual([]);
});

test("the sender imports nothing of the project but itself", () => {
  expect(offenders(sources("sender"), /^(shared|cli|services|local|bench|test)\//)).toEqual([]);
});

test("the local cloud imports no service", () => {
  expect(offenders(sources("local"), /^services\//)).toEqual([]);
});
