import { PassThrough } from "node:stream";
import { BenchCommand, checkCells, numberOrAuto, someOf, zeroOrMore } from "../../bench/options";

function parse(...typed: string[]) {
  const command = new BenchCommand("bench", { stdout: new PassThrough(), stderr: new PassThrough() })
    .option("--rounds <n>", "a number", "40")
    .option("--seconds <n>", "a fraction", "0.1")
    .option("--rates <list>", "numbers", "5,20")
    .option("--seed <n>", "0 or more", zeroOrMore, "1")
    .option("--segments <n>", "or auto", numberOrAuto, "16")
    .option("--ways <list>", "names", someOf(["count", "export"]))
    .option("--plot <dir>", "any text");
  command.parse(typed, { from: "user" });
  return { problems: command.problems, values: command.opts() };
}

test("sound values stay as they were typed", () => {
  const typed = [
    "--rounds",
    "3",
    "--rates",
    "5",
    "--seed",
    "0",
    "--segments",
    "auto",
    "--ways",
    "count",
    "--plot",
    "x",
  ];
  const values = { rounds: "3", seconds: "0.1", rates: "5", seed: "0", segments: "auto", ways: "count", plot: "x" };
  expect(parse(...typed)).toEqual({ problems: [], values });
});

test.each([
  ["--rounds", "banana", "--rounds must be a number above 0, got banana."],
  ["--rounds", "0", "--rounds must be a number above 0, got 0."],
  ["--rounds", "", "--rounds needs a value: --rounds <n>."],
  ["--seconds", "-1", "--seconds must be a number above 0, got -1."],
  ["--rates", "5,x", "--rates must be numbers above 0, separated by commas, got 5,x."],
  ["--seed", "1e3", "--seed must be a number, 0 or more, got 1e3."],
  ["--segments", "many", "--segments must be a number above 0, or auto, got many."],
  ["--ways", "count,no", "--ways must be some of count, export, separated by commas, got count,no."],
])("%s %s is refused", (option, value, problem) => {
  expect(parse(option, value).problems).toEqual([problem]);
});

test("a text that selects no cell is refused", () => {
  expect(() => checkCells([], "x y")).toThrow('--cell must select at least one cell, but none has "x y" in its name.');
  expect(() => checkCells(["x y"], "x")).not.toThrow();
});
