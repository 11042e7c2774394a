import { accountForAll, type Found } from "../../../soak/backfill/accounts";
import type { State } from "../../../soak/backfill/history";
import { soundItem } from "../../../soak/backfill/items";

const item = (id: string): NonNullable<State> => ({ ...soundItem(id, () => 0.5), Old: { S: "no" } });
const rekeyed = (id: string) => {
  const { Legacy: _, ...rest } = item(id);
  return { ...rest, GSISK: { S: `${rest.Status!.S}#${rest.Timestamp!.N}` }, Flag: { S: "new" } };
};
const labelled = (state: NonNullable<State>): NonNullable<State> => {
  const { Owner, Rank } = state;
  return { ...state, GSI2PK: { S: Owner!.S! }, Label: { S: `${Owner!.S}/${Rank!.N}` } };
};
const copied = (state: NonNullable<State>) => ({ ...state, Origin: { S: "main" } });
const items = (...all: NonNullable<State>[]) => new Map(all.map((each) => [each.id!.S!, each]));

const nothing: Found = {
  first: new Map(),
  last: new Map(),
  lastCopy: new Map(),
  writes: new Map(),
  copyWrites: new Map(),
};

test("an item that all jobs changed and copied is in order", () => {
  const last = labelled(rekeyed("a"));
  const found = { ...nothing, first: items(item("a")), last: items(last), lastCopy: items(copied(rekeyed("a"))) };
  expect(accountForAll(found)).toEqual({ changes: { rekey: 1, label: 1, expire: 0, copy: 1 }, problems: [] });
});

test("items that a job wrongly left unchanged are reported, unless the item was added later", () => {
  const found = { ...nothing, first: items(item("a")), last: items(item("a")) };
  expect(accountForAll(found).problems).toEqual([
    "a in the table: rekey left it as it was",
    "a in the table: label left it as it was",
    "a in the copy: copy left it as it was",
  ]);
  const made = new Map([["b", [{ before: undefined, after: item("b") }]]]);
  expect(accountForAll({ ...nothing, writes: made, last: items(item("b")) }).problems).toEqual([]);
});

test("a job over an export doesn't touch items that are missing in the export", () => {
  const made = new Map([["b", [{ before: undefined, after: item("b") }]]]);
  const { problems } = accountForAll({ ...nothing, writes: made, last: items(labelled(item("b"))) });
  expect(problems).toEqual([expect.stringMatching(/^b in the table: it changed GSI2PK/)]);
});

test("a copy that overwrote others' items is reported", () => {
  const foreign = { id: { S: "a" }, Origin: { S: "foreign" } };
  const last = labelled(rekeyed("a"));
  const copyWrites = new Map([["a", [{ before: undefined, after: foreign }]]]);
  const found = { ...nothing, first: items(item("a")), last: items(last), copyWrites };
  expect(accountForAll({ ...found, lastCopy: items(foreign) }).problems).toEqual([]);
  expect(accountForAll({ ...found, lastCopy: items(copied(last)) }).problems).toHaveLength(1);
});
