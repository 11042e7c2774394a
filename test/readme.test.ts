import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ingestFields } from "../services/ingest/config";
import { scannerFields } from "../services/scanner/config";
import { configKey } from "../shared/infra/config";
import type { Fields } from "../shared/infra/fields";
import { programFields } from "../shared/infra/program";
import { documents, ROOT } from "./docs/codeBlocks";
import { options } from "./docs/options";

/** Tables are padded; one space a gap is enough to compare. */
const readme = readFileSync(join(ROOT, "README.md"), "utf8").replaceAll(/ +/g, " ");

function expectedRows(fields: Fields, prefix: string): string[] {
  return Object.entries(fields).map(([name, { default: value, description }]) => {
    return `| \`${configKey(prefix, name)}\` | ${value === "" ? "(empty)" : value} | ${description} |`;
  });
}

test("the configuration table has every option with its default and meaning, and no other", () => {
  const rows = [
    ...expectedRows(programFields, ""),
    ...expectedRows(ingestFields, "ingest"),
    ...expectedRows(scannerFields, "scanner"),
  ];
  for (const row of rows) expect(readme).toContain(row);
  expect(readme.match(/^\| `(senderAccess|(?:ingest|scanner)[A-Z]\w+)` \|/gm)).toHaveLength(rows.length);
});

describe.each(documents())("%s", (file) => {
  const text = readFileSync(join(ROOT, file), "utf8");

  test("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test("names options that exist", () => {
    const named = [...text.matchAll(/`((?:ingest|scanner)[A-Z]\w*)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in options))).toEqual([]);
  });

  test("has links that lead to files", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(resolve(ROOT, file, "..", link)))).toEqual([]);
  });
});
