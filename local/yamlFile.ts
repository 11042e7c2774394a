/** YAML files that people write. */
import { LineCounter, type Node, parseDocument } from "yaml";
import { isPlainObject } from "../shared/json";

/** Why a text can't be used. Its message is the end of a sentence that begins with the file's path. */
export class YamlProblem extends Error {}

/**
 * The mapping that a YAML text consists of; empty if the text has only comments.
 * @param blocks names of members that must be mappings, if they are there
 * @throws YamlProblem
 */
export function parseMapping(text: string, blocks: readonly string[] = []): Record<string, unknown> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const what = error.code === "MULTIPLE_DOCS" ? "a second document begins" : error.message;
    throw new YamlProblem(`isn't valid YAML (line ${line}, column ${col}: ${what})`);
  }
  const given = made(() => document.toJS() ?? {});
  if (!isPlainObject(given)) throw new YamlProblem(`must be a mapping, but is ${kindOf(given)}`);
  for (const name of blocks) {
    const block = given[name] ?? {};
    if (isPlainObject(block)) continue;
    const { line } = lines.linePos((document.get(name, true) as Node).range?.[0] ?? 0);
    throw new YamlProblem(`must have a mapping as \`${name}\`, but has ${kindOf(block)} there (line ${line})`);
  }
  return given;
}

/** Some errors show only when values are made, such as an alias without its anchor. */
function made(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new YamlProblem(`isn't valid YAML (${(error as Error).message})`);
  }
}

function kindOf(given: unknown): string {
  return Array.isArray(given) ? "a list" : `a ${typeof given}`;
}
