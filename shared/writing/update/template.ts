/**
 * Texts made of an item's attributes: `${Status}#${Address.Lines[0]}`. `$${` stands for `${` itself.
 *
 * A path takes any scalar: a string as it is, a number with DynamoDB's digits, `true` or `false`, binary in base64, and
 * `null` for a NULL. Names have letters, digits, _ and -; `#name` stands for any other. Reserved words are allowed.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Path, pathText, valueAt } from "../../aws/expressions/path";
import type { References } from "../../aws/expressions/references";
import { typeOf } from "../../aws/expressions/tree";
import type { Item } from "../../aws/itemSize";
import { SluiceError } from "../../errors";

export interface Template {
  /** Literal texts and paths, in their order. */
  readonly parts: readonly (string | Path)[];
  readonly paths: readonly Path[];
}

const PIECE = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const PATH = /^(?:#\w+|[\w-]+)(?:\.(?:#\w+|[\w-]+)|\[\d{1,5}\])*$/;
const PART = /#\w+|[\w-]+/g;

/** @throws SluiceError INVALID_TEMPLATE; the message follows the option's name */
export function parseTemplate(text: string, references: References): Template {
  const parts: (string | Path)[] = [];
  let end = 0;
  for (const { 0: piece, 1: path, index } of text.matchAll(PIECE)) {
    parts.push(text.slice(end, index));
    if (piece === "$${") parts.push("${");
    else parts.push(pathOf(path, text, references));
    end = index + piece.length;
  }
  parts.push(text.slice(end));
  return { parts: joined(parts), paths: parts.filter((part) => typeof part !== "string") };
}

/** The text for an item; undefined: an attribute is missing or not a scalar. */
export function filled({ parts }: Template, item: Item): string | undefined {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else {
      const value = scalarText(valueAt(item, part));
      if (value === undefined) return undefined;
      text += value;
    }
  }
  return text;
}

/** Why the item has no text, as the end of a sentence. */
export function missingIn({ paths }: Template, item: Item): string {
  const path = paths.find((one) => scalarText(valueAt(item, one)) === undefined)!;
  const value = valueAt(item, path);
  if (value === undefined) return `${pathText(path)}, which the item doesn't have`;
  return `${pathText(path)}, which is of type ${typeOf(value)} and not a scalar`;
}

function scalarText(value: AttributeValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return value.N;
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.B !== undefined) return Buffer.from(value.B).toString("base64");
  return value.NULL === undefined ? undefined : "null";
}

function pathOf(spelled: string | undefined, text: string, references: References): Path {
  if (spelled === undefined) throw invalid(`has a "\${" that no "}" closes; "$\${" stands for "\${" itself`, text);
  if (!PATH.test(spelled)) throw invalid(`must have paths such as \${Address.Lines[0]}, got \${${spelled}}`, text);
  const parts = [...spelled.matchAll(PART)].map(({ 0: part, index }) => {
    if (spelled[index - 1] === "[") return Number(part);
    return part.startsWith("#") ? nameOf(part, text, references) : part;
  });
  return parts as [string, ...(string | number)[]];
}

function nameOf(placeholder: string, text: string, references: References): string {
  const name = references.name(placeholder);
  if (name === undefined) throw invalid(`uses the name ${placeholder}, which isn't defined in names`, text);
  return name;
}

function invalid(message: string, text: string): SluiceError {
  return new SluiceError("INVALID_TEMPLATE", message, { value: text });
}

/** Joins neighbouring texts and leaves out empty ones. */
function joined(parts: readonly (string | Path)[]): (string | Path)[] {
  const together: (string | Path)[] = [];
  for (const part of parts) {
    const last = together.at(-1);
    if (typeof part === "string" && typeof last === "string") together[together.length - 1] = last + part;
    else together.push(part);
  }
  return together.filter((part) => part !== "");
}
