/**
 * `npm run check:mutants -- [folder or file …]`: puts single faults into the code, one at a time, and runs the folder's unit
 * tests against each. See docs/mutants.md.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import { CliCommand, checkUsage } from "../../cli/command";
import { runMain } from "../../local/lifetime";
import { fileScores, renderScores } from "./scores";

const ROOT = resolve(__dirname, "../..");
/** The folders that are run if none is named, by short name. */
const FOLDERS: Record<string, string> = {
  engine: "shared/engine",
  capacity: "shared/capacity",
  operations: "shared/operations",
  sender: "sender",
};
/** Tests that would take too long for each fault, or that run the code in processes without coverage. */
const LEFT_OUT = ["outboxKill", "protocol\\.model"];

runMain("check:mutants", async () => {
  const command = new CliCommand("npm run check:mutants --")
    .description(
      "Put single faults into the code, one at a time, and run the unit tests against each (docs/mutants.md).",
    )
    .argument("[places...]", `a folder or a file, or for short ${Object.keys(FOLDERS).join(", ")}; default: these four`)
    .parse();
  process.chdir(ROOT);
  const places = command.args.map(placeOf);
  const absent = places.filter((place) => !existsSync(place));
  checkUsage([...command.problems, ...absent.map((place) => `${place} must be a folder or a file of this project.`)]);
  for (const place of places.length > 0 ? places : Object.values(FOLDERS)) {
    process.stdout.write(`\n${renderScores(fileScores(await mutate(place), ROOT))}\n`);
  }
});

function placeOf(name: string): string {
  return FOLDERS[name] ?? name.replace(/\/+$/, "");
}

/** Runs all faults of a folder or a file. The report, with each fault that survived, lands in build/mutants. */
async function mutate(place: string): Promise<MutantResult[]> {
  const { Stryker } = await import("@stryker-mutator/core");
  const report = join("build/mutants", place.replaceAll("/", "-"));
  const stryker = new Stryker({
    mutate: [isFile(place) ? place : `${place}/**/*.ts`],
    testRunner: "jest",
    plugins: ["@stryker-mutator/jest-runner", join(__dirname, "prose.mjs")],
    ignorers: ["prose"],
    jest: {
      config: {
        ...require("../../jest.config.js"),
        testMatch: [`<rootDir>/${testsOf(place)}`],
        testPathIgnorePatterns: LEFT_OUT,
        // Stryker runs all suites in one process and ends it itself.
        testRunner: "jest-circus/runner",
        workerIdleMemoryLimit: undefined,
        testTimeout: 30_000,
        testSequencer: "<rootDir>/test/mutants/neededFirst.js",
      },
    },
    coverageAnalysis: "perTest",
    concurrency: 2,
    timeoutMS: 5_000,
    timeoutFactor: 1.5,
    tempDirName: "build/mutants/sandbox",
    reporters: ["clear-text", "progress-append-only", "html", "json"],
    // Instrumented files are for swc alone; types were checked before.
    disableTypeChecks: false,
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `${report}.html` },
    jsonReporter: { fileName: `${report}.json` },
  });
  return stryker.runMutationTest();
}

function isFile(place: string): boolean {
  return place.endsWith(".ts");
}

/** A folder's tests; for a file its own tests, if it has some, for a quick look. */
function testsOf(place: string): string {
  const own = `test/${place.replace(/\.ts$/, ".test.ts")}`;
  if (isFile(place) && existsSync(join(ROOT, own))) return own;
  return `test/${isFile(place) ? dirname(place) : place}/**/*.test.ts`;
}
