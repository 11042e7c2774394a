import { parsedStatement, statementsOf } from "../../../../local/gateway/partiql/statement";

const S = (text: string) => ({ S: text });
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test.each<[string, object[], object]>([
  [
    `UPDATE "a.b" SET "q" = ? REMOVE m.n[0] WHERE "pk" = ? AND sk = 'it''s' AND "m"."n" = ?`,
    [{ N: "1" }, S("p"), S("no")],
    { verb: "update", table: "a.b", equal: { pk: S("p"), sk: S("it's") }, item: {} },
  ],
  [`delete from t where (pk = -1.5e3) and x is not missing`, [], { verb: "delete", equal: { pk: { N: "-1.5e3" } } }],
  [`DELETE FROM t WHERE pk = 'a' OR sk = 'b'`, [], { verb: "delete", equal: {} }],
  [`SELECT * FROM t WHERE NOT (pk = 'a')`, [], { verb: "select", equal: {} }],
  [`SELECT * FROM "t"."i" WHERE g >= 1 AND "h" = ?`, [S("h")], { verb: "select", index: "i", equal: { h: S("h") } }],
  [
    `EXISTS(SELECT * FROM t WHERE pk = ? -- pk = 'x'\n AND s = ?)`,
    [S("a"), S("b")],
    { equal: { pk: S("a"), s: S("b") } },
  ],
  [
    `INSERT INTO "arn:aws:dynamodb:eu-west-1:000000000000:table/t" VALUE {'pk': ?, "n": {'x': ?}, 's': <<'a'>>, "z": 1}`,
    [S("p"), S("inner")],
    { verb: "insert", table: "t", equal: {}, item: { pk: S("p"), z: { N: "1" } } },
  ],
])("reads %s", (Statement, Parameters, expected) => {
  expect(plain(parsedStatement({ Statement, Parameters: Parameters as [] }))).toMatchObject(expected);
});

test("a statement of unknown form is not understood", () => {
  expect(parsedStatement({ Statement: "FROM t WHERE pk = 'a' SET q = 1" })).toBeUndefined();
});

test("finds the statements of each kind of call", () => {
  const one = { Statement: "SELECT * FROM t" };
  expect(statementsOf("ExecuteStatement", one)).toEqual([one]);
  expect(statementsOf("BatchExecuteStatement", { Statements: [one, one] })).toEqual([one, one]);
  expect(statementsOf("ExecuteTransaction", { TransactStatements: [one] })).toEqual([one]);
  expect(statementsOf("BatchExecuteStatement", {})).toEqual([]);
  expect(statementsOf("PutItem", {})).toBeUndefined();
});
