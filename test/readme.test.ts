import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ingestFields } from "../services/ingest/config";
import { scannerFields } from "../services/scanner/config";
import { configKey } from "../shared/infra/config";
import type { Fields } from "../shared/infra/fields";
import { programFields } from "../shared/infra/program";

const ROOT = resolve(__dirname, "..");
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

test("every npm script the README names exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(["README.md", "docs/architecture.md", "docs/bulk-jobs.md", "docs/local-cloud.md", "docs/runbook.md"])(
  "the links of %s lead to files",
  (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(resolve(ROOT, file, "..", link)))).toEqual([]);
  },
);
