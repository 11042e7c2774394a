/** The options of a start request that an export has. */
import * as v from "valibot";
import { type ExportFormat, exportFormats } from "../../exports/itemLines";
import { mustBe, nameAmong, type RequestOption, text } from "../../requestOption";

export const exportOptions = {
  exportPrefix: {
    schema: v.optional(text),
    flag: "--export-prefix <prefix>",
    help: "prefix of the keys of exported objects; default: none",
  },
  format: {
    schema: v.optional(nameAmong(exportFormats)),
    flag: "--format <name>",
    help: `format of exported objects: ${exportFormats.join(" or ")}; default: ${exportFormats[0]}`,
  },
} satisfies Record<string, RequestOption>;

/** A key has 1,024 bytes at most; the longest text after a prefix has 140. */
const LONGEST_PREFIX = 512;
/** Safe in keys, URLs and paths. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const SAFE = /^[A-Za-z0-9!_.*'()/-]*$/;

/** All problems of the params, a sentence each. */
export function paramProblems({ exportPrefix = "", format = "dynamodb-json" }: Record<string, unknown>): string[] {
  const problems = typeof exportPrefix === "string" ? prefixProblems(exportPrefix) : ["exportPrefix must be a text."];
  if (!exportFormats.includes(format as ExportFormat)) {
    problems.push(`format ${mustBe(String(format), exportFormats)}, got ${JSON.stringify(format)}.`);
  }
  return problems;
}

function prefixProblems(prefix: string): string[] {
  const parts = (prefix.endsWith("/") ? prefix.slice(0, -1) : prefix).split("/");
  const wrong: [boolean, string][] = [
    [prefix.length > LONGEST_PREFIX, `must have at most ${LONGEST_PREFIX} characters, got ${prefix.length}`],
    [!SAFE.test(prefix), "may have letters, digits and ! - _ . * ' ( ) / only"],
    [prefix.startsWith("/"), "must not begin with /"],
    [parts.slice(1).includes(""), "must not have // in it"],
    [parts.includes(".") || parts.includes(".."), "must not have . or .. between slashes"],
  ];
  return wrong.flatMap(([is, rule]) => (is ? `exportPrefix ${rule}.` : []));
}
