/**
 * Runs for each fault the suites alone that have a test of the faulty code, small ones first. Stryker names those tests, but
 * jest would load every suite of the folder to find them.
 */
const { mkdirSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** The tests of each suite, from the run without a fault. */
const TESTS = join(__dirname, "../../build/tests.json");

module.exports = class NeededFirst extends Sequencer {
  #pattern;

  constructor(options) {
    super(options);
    this.#pattern = options?.globalConfig?.testNamePattern;
  }

  sort(tests) {
    const size = new Map([...tests].map(({ path }) => [path, statSync(path).size]));
    const sorted = [...tests].sort((a, b) => size.get(a.path) - size.get(b.path));
    if (!this.#pattern) return sorted;
    const needed = new RegExp(this.#pattern, "i");
    const testsOf = JSON.parse(readFileSync(TESTS, "utf8"));
    return sorted.filter(({ path }) => (testsOf[path] ?? []).some((name) => needed.test(name)));
  }

  cacheResults(tests, { testResults }) {
    super.cacheResults(tests, { testResults });
    if (this.#pattern) return;
    const names = testResults.map((suite) => [suite.testFilePath, suite.testResults.map(({ fullName }) => fullName)]);
    mkdirSync(dirname(TESTS), { recursive: true });
    writeFileSync(TESTS, JSON.stringify(Object.fromEntries(names)));
  }
};
