import { readEnvironment, variable } from "../../../shared/runtime/environment";

const entries = { NAME: variable.text, COUNT: variable.number, FLAG: variable.boolean };
const environment = { NAME: "raw", COUNT: "10", FLAG: "true", OTHER: "not asked for" };

function problems(changes: Record<string, string | undefined>): unknown {
  try {
    readEnvironment(entries, { ...environment, ...changes });
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_ENVIRONMENT" });
    return (error as { value: unknown }).value;
  }
  throw new Error("accepted");
}

test("variables are read with their types, and no others", () => {
  expect(readEnvironment(entries, environment)).toEqual({ NAME: "raw", COUNT: 10, FLAG: true });
});

test.each([
  ["0", 0],
  ["-3", -3],
  ["1.5", 1.5],
])("%j is the number %d", (COUNT, expected) => {
  expect(readEnvironment(entries, { ...environment, COUNT }).COUNT).toBe(expected);
});

test.each([
  ["NAME", undefined],
  ["NAME", ""],
  ["COUNT", undefined],
  ["COUNT", ""],
  ["COUNT", " "],
  ["COUNT", "ten"],
  ["COUNT", "NaN"],
  ["COUNT", "Infinity"],
  ["COUNT", "1e400"],
  ["COUNT", "10 "],
  ["FLAG", undefined],
  ["FLAG", "True"],
  ["FLAG", "1"],
  ["FLAG", ""],
])("%s of %j is a problem, and the only one", (name, value) => {
  expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
});

test("all problems are reported together", () => {
  const found = problems({ NAME: undefined, COUNT: "x", FLAG: "y" });
  expect(found).toEqual(["NAME", "COUNT", "FLAG"].map((name) => expect.stringMatching(new RegExp(`^${name} `))));
});
