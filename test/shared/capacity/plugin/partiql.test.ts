import { parseStatement } from "../../../../shared/capacity/plugin/partiql";

const music = { table: "Music", index: undefined };

test.each<[string, ReturnType<typeof parseStatement>]>([
  ['SELECT * FROM "Music"', { verb: "select", direction: "read", ...music }],
  ["select Artist, Title from Music where Artist='x'", { verb: "select", direction: "read", ...music }],
  ['SELECT * FROM "Music"."byDate" WHERE d=1', { verb: "select", direction: "read", table: "Music", index: "byDate" }],
  ["SELECT * FROM Music . byDate", { verb: "select", direction: "read", table: "Music", index: "byDate" }],
  ['(SELECT * FROM "Music")', { verb: "select", direction: "read", ...music }],
  [`SELECT "from", 'it''s from "x"' FROM "Music"`, { verb: "select", direction: "read", ...music }],
  [`SELECT a.'from ' FROM Music`, { verb: "select", direction: "read", ...music }],
  ["SELECT a -- from Other\nFROM/* Other */Music", { verb: "select", direction: "read", ...music }],
  ["SELECT /* from\nOther */ a FROM Music", { verb: "select", direction: "read", ...music }],
  ["SELECT a-b FROM Music", { verb: "select", direction: "read", ...music }],
  ['SELECT * FROM "my.table-1"', { verb: "select", direction: "read", table: "my.table-1", index: undefined }],
  ['SELECT * FROM "a""b"', { verb: "select", direction: "read", table: 'a"b', index: undefined }],
  ['SELECT * FROM "Music" WHERE a."b"=1', { verb: "select", direction: "read", ...music }],
  [
    'SELECT * FROM "arn:aws:dynamodb:eu-central-1:1:table/Music"',
    { verb: "select", direction: "read", table: "arn:aws:dynamodb:eu-central-1:1:table/Music", index: undefined },
  ],
  [`INSERT INTO "Music" VALUE {'a': ?}`, { verb: "insert", direction: "write", ...music }],
  ["insert into Music value {}", { verb: "insert", direction: "write", ...music }],
  ['  UPDATE "Music" SET a=1', { verb: "update", direction: "write", ...music }],
  ["update Music remove a", { verb: "update", direction: "write", ...music }],
  ['DELETE FROM "Music" WHERE a=1', { verb: "delete", direction: "write", ...music }],
  ['EXISTS(SELECT * FROM "Music" WHERE a=1)', { verb: "exists", direction: "write", ...music }],
  ["exists ( select * from Music )", { verb: "exists", direction: "write", ...music }],
  ["", undefined],
  ["FROM Music WHERE a=1 SET b=2", undefined],
  ["SELECT 1", undefined],
  ["SELECT * FROM", undefined],
  ["SELECT * FROM 'Music'", undefined],
  ["INSERT Music VALUE {}", undefined],
  ["DELETE Music", undefined],
  ['"SELECT" * FROM Music', undefined],
  ["EXISTS(Music)", undefined],
  ["UPDATE 'Music' SET a=1", undefined],
  ["REPLACE INTO Music VALUE {}", undefined],
])("%s", (text, expected) => {
  expect(parseStatement(text)).toEqual(expected);
});
