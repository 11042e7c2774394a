import { account, type Rule, type State } from "../../../soak/backfill/history";

const item = (n: number, more = {}): NonNullable<State> => ({ id: { S: "a" }, n: { N: String(n) }, ...more });
const made = (n: number, more = {}) => item(n, { made: { S: `made of ${n}` }, ...more });

/** A job that sets `made`, computed from `n`, unless it has a value. */
const update: Rule = {
  job: "update",
  makes: (state) => (state === undefined || state.made !== undefined ? [] : [made(Number(state.n!.N), state)]),
};
const mark: Rule = {
  job: "mark",
  makes: (state) => (state === undefined || state.mark !== undefined ? [] : [{ ...state, mark: { S: "new" } }]),
};
const deletion: Rule = { job: "delete", makes: (state) => (state?.old === undefined ? [] : [undefined]) };

const of = (first: State, writes: [before: State, after: State][], last: State, rules = [update]) =>
  account({ first, writes: writes.map(([before, after]) => ({ before, after })), last }, rules);

test("a job changes an item between two writes of others, or after the last one", () => {
  expect(of(item(1), [], made(1))).toMatchObject({ problems: [], changes: { update: 1 }, undone: [] });
  expect(of(item(1), [[item(1), item(2)]], made(2))).toMatchObject({ problems: [], changes: { update: 1 } });
  const both = of(item(1), [[made(1), item(2)]], made(2));
  expect(both).toMatchObject({ problems: [], changes: { update: 2 } });
  expect(both.states).toContainEqual(made(1));
});

test.each<[string, State, [State, State][], State, RegExp]>([
  ["came back", item(1), [[item(1), undefined]], made(1), /^it came back as .*made of 1/],
  [
    "was made from an older value",
    item(1),
    [[item(1), item(2)]],
    item(2, { made: { S: "made of 1" } }),
    /^it changed made/,
  ],
  ["lost a newer value", item(1), [[item(1), item(1, { made: { S: "own" } })]], made(1), /^it changed made from .*own/],
  ["went without reason", item(1), [], undefined, /^it was deleted as/],
  [
    "has a changed attribute that no job changes",
    item(1),
    [],
    made(1, { x: { S: "?" } }),
    /^it changed made .*, x from/,
  ],
  ["was changed before others read it", item(1), [[item(3), item(4)]], made(4), /^it changed n from/],
])("a job is to blame if an item %s", (_, first, writes, last, problem) => {
  const { problems } = of(first, writes, last);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});

test("several jobs may act between two writes, in any order", () => {
  const last = made(1, { mark: { S: "new" } });
  const { problems, changes, states } = of(item(1), [], last, [update, mark]);
  expect([problems, changes]).toEqual([[], { update: 1, mark: 1 }]);
  expect(states).toEqual(expect.arrayContaining([made(1), item(1, { mark: { S: "new" } })]));
});

test("a job may delete an item, and others may make it again", () => {
  const old = item(1, { old: { S: "yes" } });
  const again = of(old, [[undefined, item(2)]], item(2), [deletion]);
  expect(again).toMatchObject({ problems: [], changes: { delete: 1 }, undone: [] });
});

test("if a job had to change an item in all its states, the item must have been changed", () => {
  expect(of(item(1), [[item(1), item(2)]], item(2)).undone).toEqual(["update"]);
  // In the state between them there was nothing to do.
  const own = item(2, { made: { S: "own" } });
  expect(of(item(1), [[item(1), own]], own).undone).toEqual([]);
  expect(of(item(1), [[item(1), undefined]], undefined).undone).toEqual([]);
});

test("an item that others change again and again may be a conflict", () => {
  const writes = [1, 2, 3, 4].map((n): [State, State] => [item(n), item(n + 1)]);
  expect(of(item(1), writes, item(5)).undone).toEqual([]);
  expect(of(item(1), writes.slice(0, 3), item(4)).undone).toEqual(["update"]);
});
