// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of updates.
/** What templates make of items, and which are refused. */
import fc from "fast-check";
import { revived } from "../../shared/aws/dynamoJson";
import { References } from "../../shared/aws/expressions/references";
import type { Item } from "../../shared/aws/itemSize";
import type { SluiceError } from "../../shared/errors";
import type { Json } from "../../shared/json";
import { filled, missingIn, parseTemplate } from "../../shared/writing/update/template";
import { arbitraryItem } from "../shared/aws/expressions/arbitraryConditions";
import { expectGolden, pythonGolden } from "../support/golden";
import { itemJson, sample } from "./arbitraryItems";

const names = { "#ab": "a b", "#xy": "x.y", "#constructor": "constructor", "#empty": "" };
const item = {
  s: { S: "é" },
  n: { N: "1.50" },
  big: { N: "12345678901234567890123456789012345678" },
  yes: { BOOL: true },
  no: { BOOL: false },
  b: { B: Uint8Array.of(104, 105, 255) },
  z: { NULL: true as const },
  m: { M: { l: { L: [{ S: "first" }, { M: { "a b": { N: "2" } } }] }, "0": { S: "zero" } } },
  ss: { SS: ["a"] },
  "x.y": { S: "dotted" },
  "a b": { S: "spaced" },
  Status: { S: "reserved" },
  "user-id": { S: "😀" },
  "0": { S: "number" },
  constructor: { S: "c" },
};
const items = [item, ...sample(arbitraryItem, 12)];

const cases = [
  ...[
    "",
    "plain",
    "${s}",
    "<${n}>",
    "${big}",
    "${yes}/${no}",
    "${b}",
    "${z}",
    "${m.l[0]}-${m.l[1].#ab}",
    "${#xy}",
    "${0}",
  ],
  ...[
    "${Status}#${user-id}",
    "${constructor}",
    "${#constructor}",
    "$${s}",
    "$$${s}",
    "$$$${s}",
    "a$b}c{d$",
    "${s}${s}$",
  ],
  ...["${gone}", "${m.l[7].x}", "${m.l[00001].#ab}", "${s.x}", "${s[0]}", "${toString}", "${s}${m}", "${m.l}", "${ss}"],
  ...[
    "${m.0}",
    "${m[0]}",
    "${l.99999}",
    "${-}",
    "${#empty}",
    "}${s}{",
    "\n${s}\n",
    "€${s}😀",
    "${a}|${b}|${c}",
    "${a.x}",
  ],
  ...[
    "${",
    "${}",
    "${s",
    "${s }",
    "${ s}",
    "${s.}",
    "${.s}",
    "${s..x}",
    "${s[x]}",
    "${s[-1]}",
    "${s[123456]}",
    "${[0]}",
  ],
  ...["${#nobody}", "${s.#nobody}", "${é}", "${a b}", "$${${", "${s}${", "${s\n}", "${#}", "${s[0]x}"],
];

const piece = fc.constantFrom(
  "a",
  "b.x",
  "c[0]",
  "#xy",
  "a.b",
  "é",
  "$${",
  "${",
  "}",
  "#",
  "${a}",
  "${b}",
  "${name}",
  "${c[0]}",
);

test("templates make these texts", () => {
  const random = sample(fc.array(piece, { maxLength: 5 }), 150).map((pieces) => pieces.join(""));
  expectGolden("templates", {
    names,
    items: items.map(itemJson),
    cases: [...new Set([...cases, ...random])].map((text) => made(text, names, items)),
  });
});

interface PythonTemplates {
  readonly names: Record<string, string>;
  readonly items: Parameters<typeof revived>[0][];
  readonly cases: { readonly text: string }[];
}

test("random templates give the same texts as in the Python package", () => {
  const golden = pythonGolden<PythonTemplates>("templates");
  const found = golden.cases.map(({ text }) =>
    made(
      text,
      golden.names,
      golden.items.map((item) => revived(item)),
    ),
  );
  expect(found.length).toBeGreaterThan(100);
  expect(found).toEqual(golden.cases);
});

function made(text: string, names: Record<string, string>, items: readonly Item[]): Json {
  try {
    const template = parseTemplate(text, new References({ names }));
    const texts = items.map((one) => {
      const made = filled(template, one);
      return made === undefined ? { missing: missingIn(template, one) } : made;
    });
    return { text, paths: template.paths as never, texts };
  } catch (error) {
    return { text, refused: (error as SluiceError).message };
  }
}
