import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

/** A code block of a document. */
export interface CodeBlock {
  /** Path from the project's folder. */
  file: string;
  /** Line of the opening fence, from 1. */
  line: number;
  /** The word after the opening fence; empty if there is none. */
  language: string;
  text: string;
}

/** README.md, that of examples/, and all of docs/, as paths from the project's folder. */
export function documents(): string[] {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  return [
    "README.md",
    "examples/README.md",
    ...below.filter((file) => file.endsWith(".md")).map((file) => join("docs", file)),
  ].sort();
}

/** The fenced code blocks of a document. @throws Error for a fence that nothing closes. */
export function fencedBlocks(file: string, document = readFileSync(join(ROOT, file), "utf8")): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; indent: number; block: CodeBlock } | undefined;
  for (const [index, line] of document.split("\n").entries()) {
    const [, indent = "", fence, word = ""] = /^([ >]*)(`{3,}|~{3,})\s*([^\s`]*)/.exec(line) ?? [];
    if (open === undefined && fence !== undefined) {
      open = { fence, indent: indent.length, block: { file, line: index + 1, language: word, text: "" } };
    } else if (open !== undefined && fence?.startsWith(open.fence) && word === "") {
      blocks.push(open.block);
      open = undefined;
    } else if (open !== undefined) open.block.text += `${line.slice(open.indent)}\n`;
  }
  if (open !== undefined) throw new Error(`${file}:${open.block.line}: nothing closes this code block.`);
  return blocks;
}

/** The example in the header of a source: the lines that its docstring indents by five blanks or more. */
export function headerExample(file: string): CodeBlock {
  const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
  const isCode = (line: string) => line.startsWith(" *     ");
  const first = lines.findIndex(isCode);
  const last = lines.findLastIndex(isCode);
  const text = lines.slice(first, last + 1).map((line) => line.slice(" *     ".length));
  return { file, line: first + 1, language: "ts", text: `${text.join("\n")}\n` };
}

/** A sh block's commands without comments, one a line. The lines of a here-document stay with its command. */
export function commandLines({ text }: CodeBlock): string[] {
  const commands: string[] = [];
  let end: string | undefined;
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    if (end !== undefined) {
      commands.push(`${commands.pop()}\n${line}`);
      if (line === end) end = undefined;
      continue;
    }
    const command = line.replace(/(^|\s)#.*$/, "").trim();
    if (command !== "") commands.push(command);
    end = /<<\s*'(\w+)'/.exec(command)?.[1];
  }
  if (end !== undefined) throw new Error(`Nothing closes the here-document '${end}'.`);
  return commands;
}
