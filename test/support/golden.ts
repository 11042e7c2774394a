/** Golden files, which the tests of the TypeScript code and of the Python package share. See test/golden/README.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../shared/json";

const FOLDER = join(__dirname, "../golden");

/** Expects `computed` to equal the file `typescript/<name>.json`. With `UPDATE_GOLDEN` the file is written first. */
export function expectGolden(name: string, computed: Json): void {
  const path = join(FOLDER, "typescript", `${name}.json`);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, `${JSON.stringify(computed, null, 1)}\n`);
  expect(computed).toEqual(JSON.parse(readFileSync(path, "utf8")));
}

/** The content of `python/<name>.json`, which the Python tests wrote. */
export function pythonGolden<T = Json>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, "python", `${name}.json`), "utf8"));
}
