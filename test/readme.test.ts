import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { configKey } from "../shared/infra/config";
import type { Fields } from "../shared/infra/fields";
import { startOptions } from "../shared/jobs/startRequest";
import type { RequestOption } from "../shared/requestOption";
import { documents, ROOT } from "./docs/codeBlocks";
import { GROUPS, options } from "./docs/options";

/** Names that look like options: outputs, and an input of a resource. */
const OUTPUTS = ["jobsTable", "glueJob", "glueOutputLogGroup", "glueErrorLogGroup", "glueVersion"];
/** Options of earlier versions. docs/deploy.md describes the upgrade. */
const FORMER = ["DeletionProtection", "PointInTimeRecovery", "ResultsExpirationDays", "CompletionEmail"].map(
  (name) => `scanner${name}`,
);

const MAX_README_WORDS = 1_200;

/** A document. Its tables are padded; one space a gap is enough to compare. */
const unpadded = (file: string) => readFileSync(join(ROOT, file), "utf8").replaceAll(/ +/g, " ");

/** The anchors of a document's headings, as GitHub makes them. Source: github.com/Flet/github-slugger. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, "utf8").match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function expectedRows(fields: Fields, prefix: string): string[] {
  return Object.entries(fields).map(([name, { default: value, description }]) => {
    return `| \`${configKey(prefix, name)}\` | ${value === "" ? "(empty)" : value} | ${description} |`;
  });
}

test("README.md is short enough to read before anything else", () => {
  expect(unpadded("README.md").trim().split(/\s+/).length).toBeLessThanOrEqual(MAX_README_WORDS);
});

test("docs/configuration.md has every option with its default and meaning, in order, and no other", () => {
  const rows = GROUPS.flatMap(([prefix, fields]) => expectedRows(fields, prefix));
  const found =
    unpadded("docs/configuration.md").match(
      /^\| `(?:senderAccess|dashboard|runbookAddress|(?:ingest|jobs|scanner|backfill|shuffle|glue)[A-Z]\w+)` \|.*$/gm,
    ) ?? [];
  expect(found.map((row, at) => row.slice(0, rows[at]?.length))).toEqual(rows);
});

test("docs/bulk-jobs.md has every option of a start request with its flag and meaning, in order, and no other", () => {
  const text = unpadded("docs/bulk-jobs.md");
  const rows = Object.entries(startOptions).map(([name, { flag, help }]: [string, RequestOption]) => {
    return `| \`${name}\` | \`${flag}\` | ${help.replace(/^./, (letter) => letter.toUpperCase())} |`;
  });
  expect(text.match(/^\| `\w+` \| `--.*$/gm)).toEqual(rows);
});

describe.each(documents())("%s", (file) => {
  const text = readFileSync(join(ROOT, file), "utf8");

  test("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test("names options that exist", () => {
    const named = [...text.matchAll(/`((?:ingest|jobs|scanner|backfill|shuffle|glue)[A-Z]\w*)/g)].map(
      ([, name]) => name as string,
    );
    const allowed = [...OUTPUTS, ...(file === "docs/deploy.md" ? FORMER : [])];
    expect(named.filter((name) => !(name in options) && !allowed.includes(name))).toEqual([]);
  });

  test("has links that lead to files", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(resolve(ROOT, file, "..", link)))).toEqual([]);
  });

  test("has links that lead to headings", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(([, path = "", anchor = ""]) => {
      return { path: path === "" ? resolve(ROOT, file) : resolve(ROOT, file, "..", path), anchor };
    });
    expect(links.filter(({ path, anchor }) => !anchorsOf(path).includes(anchor))).toEqual([]);
  });
});
