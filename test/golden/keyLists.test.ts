/** Lines and parts of lists of keys, and the keys of a page, for the Python package. */

import { isNumberText } from "../../shared/aws/decimal";
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Json } from "../../shared/json";
import { csvFields } from "../../shared/sources/keys/csvLine";
import { KeyCost } from "../../shared/sources/keys/keyCost";
import { keyLine } from "../../shared/sources/keys/keyLine";
import { digestOf, folderParts, objectParts } from "../../shared/sources/keys/keyParts";
import type { KeyAttribute, LineList } from "../../shared/sources/keys/spec";
import { expectGolden } from "../support/golden";
import { seeded } from "../support/simulation/chance";

const DIGITS = "12345678901234567890123456789012345678";
const text: KeyAttribute[] = [
  { name: "pk", type: "S" },
  { name: "sk", type: "N" },
];
const binary: KeyAttribute[] = [{ name: "id", type: "B" }];
const named = (name: string): KeyAttribute[] => [{ name, type: "S" }];

const lines: [readonly KeyAttribute[], readonly string[]][] = [
  [
    text,
    [
      '{"pk":"a","sk":3,"other":[1]}',
      '{"pk":"a","sk":"3"}',
      `{"t":"a \\" 1","sk":${DIGITS},"pk":"a"}`,
      '{"pk":"a","sk":-1.50e3}',
      '{"sk":{"N":"3"},"pk":{"S":"a"},"photo":{"B":"aGk="}}',
      '{"key":{"pk":{"S":"a"},"sk":{"N":"3"}},"code":"X","reason":"y","attempts":2}',
      '{"key":{"pk":"a","sk":3},"pk":"b","sk":4}',
      '{"key":{"pk":"a"},"pk":"b","sk":4}',
      '\ufeff {"pk": "a", "sk": 3} \r',
      '{"pk":"é\\u2028\\ud83e\\udd8a","sk":"1e-130"}',
      '{"pk":"a","pk":"b","sk":1,"sk":2}',
      '{"pk":"a",',
      "[1]",
      "3",
      "null",
      "NaN",
      "{}",
      '{"pk":"a","sk":NaN}',
      '{"pk":"a","sk":01}',
      '{"pk":"a\tb","sk":1}',
      '{"pk":"a"}',
      '{"pk":"a","sk":"x"}',
      '{"pk":"a","sk":"1e126"}',
      '{"pk":"a","sk":1e-131}',
      `{"pk":"a","sk":${DIGITS}9}`,
      `{"pk":"a","sk":${DIGITS}00}`,
      '{"pk":7,"sk":3}',
      '{"pk":{"N":"7"},"sk":3}',
      '{"pk":{"N":7},"sk":"3"}',
      '{"pk":{"S":"a"},"sk":{"N":3}}',
      '{"pk":[1,2.5,{"x":"é"}],"sk":"3"}',
      '{"pk":{"S":"a","N":"3"},"sk":3}',
      '{"pk":null,"sk":3}',
      '{"pk":true,"sk":3}',
      '{"pk":"","sk":3}',
      `{"pk":"${"é".repeat(1024)}","sk":3}`,
      `{"pk":"${"é".repeat(1025)}","sk":3}`,
      `{"pk":["${"x".repeat(60)}"],"sk":3}`,
    ],
  ],
  [
    [...named("pk"), { name: "sk", type: "S" }],
    [`{"pk":"a","sk":"${"x".repeat(1024)}"}`, `{"pk":"a","sk":"${"x".repeat(1025)}"}`],
  ],
  [binary, ['{"id":"aGk="}', '{"id":{"B":"aGk="}}', '{"id":"ü"}', '{"id":"aGk"}', '{"id":""}', '{"id":3}']],
  [named("key"), ['{"key":"a"}', '{"key":{"S":"a"}}', '{"key":{"key":{"S":"a"}}}']],
  [named("constructor"), ["{}", '{"constructor":"a"}']],
];

const columns = ["other", "sk", "pk"];
const csv = [
  "x,3,a\r",
  '"x,y","3","a"',
  "x,3,a,b,c",
  "x,3",
  'x,3,"a',
  "x,,a",
  "",
  ",",
  '"","1","a""b"',
  'a"b,1,c',
  "x,1,é\u2028",
];

function read(line: string, keys: readonly KeyAttribute[], names?: readonly string[]): Json {
  const found = keyLine(line, keys, names);
  return { line, read: "key" in found ? { key: JSON.parse(dynamoJson(found.key)) as Json } : { ...found } };
}

test("lines as keys", () => {
  const json = lines.map(([keys, all]) => ({ keys: plain(keys), lines: all.map((line) => read(line, keys)) }));
  expectGolden("key-lines", [
    ...json,
    { keys: plain(text), columns, lines: csv.map((line) => read(line, text, columns)) },
  ]);
});

test("fields of CSV", () => {
  expectGolden(
    "csv-fields",
    csv.map((line) => ({ line, fields: csvFields(line) ?? null })),
  );
});

test("texts of numbers", () => {
  const texts = [
    "0",
    "-0",
    "+1",
    "1.",
    ".5",
    ".",
    "",
    "1e5",
    "1E+125",
    "1e126",
    "1e-130",
    "1e-131",
    "0e99999",
    "0x1",
    " 1",
    "1\n",
  ];
  const long = [DIGITS, `${DIGITS}1`, `${DIGITS}000`, `0.000${DIGITS}`, `-${DIGITS}.5`, "9".repeat(126), "1_000", "١"];
  expectGolden(
    "number-texts",
    [...texts, ...long].map((given) => ({ text: given, is: isNumberText(given) })),
  );
});

test("parts of units", () => {
  const object = (more: Partial<LineList>): LineList => ({
    ...{ form: "object", key: "a.jsonl", etag: "e", bytes: 1_000, gzip: false, from: { line: 0, byte: 0 }, ...more },
  });
  const lists = [object({}), object({ from: { line: 1, byte: 37 } }), object({ gzip: true }), object({ bytes: 2 })];
  const objects = lists.flatMap((list) =>
    [1, 3, 7].flatMap((units) =>
      Array.from({ length: units }, (_, unit) => ({ list, unit, units, parts: objectParts("b", list, unit, units) })),
    ),
  );
  const listed = Array.from({ length: 5 }, (_, i) => ({
    key: `é${i}.jsonl${i % 2 ? ".gz" : ""}`,
    etag: `e${i}`,
    bytes: 9,
  }));
  const folders = [1, 3, 7].flatMap((units) =>
    Array.from({ length: units }, (_, unit) => ({ unit, units, parts: folderParts("b", listed, unit, units) })),
  );
  expectGolden("key-parts", plain({ objects, listed, digest: digestOf(listed), folders }));
});

test("keys of pages and requests", () => {
  const cases = [undefined, 0, 100, 5_000, 400_000].flatMap((averageBytes, seed) =>
    (
      [
        ["strong", 10],
        ["eventual", 10],
        ["eventual", 1_000],
        ["eventual", undefined],
      ] as const
    ).map(([strength, rate]) => {
      const random = seeded(seed);
      const cost = new KeyCost({ perSecond: () => rate, mostItems: () => undefined }, strength, averageBytes);
      const steps = Array.from({ length: 5 }, () => {
        const [keys, rcu] = [Math.floor(random() * 100), Math.floor(random() * 400) / 2];
        const sizes = { batch: cost.batch(), page: cost.page() };
        cost.observe(keys, rcu);
        return { ...sizes, keys, rcu };
      });
      return { averageBytes: averageBytes ?? null, strength, rate: rate ?? null, steps };
    }),
  );
  expectGolden("key-costs", cases);
});

/** Without what is undefined. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
