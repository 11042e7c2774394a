import { fileScores, renderScores } from "./scores";

const mutant = (fileName: string, status: Parameters<typeof fileScores>[0][number]["status"]) => ({
  fileName: `/project/${fileName}`,
  status,
});

test("a test finds a fault if it fails or does not end; without any test a fault survives", () => {
  const mutants = [
    mutant("b.ts", "Killed"),
    mutant("a.ts", "Survived"),
    mutant("b.ts", "Timeout"),
    mutant("b.ts", "NoCoverage"),
    mutant("a.ts", "Ignored"),
    mutant("a.ts", "CompileError"),
  ];
  expect(fileScores(mutants, "/project")).toEqual([
    { file: "a.ts", found: 0, survived: 1 },
    { file: "b.ts", found: 2, survived: 1 },
  ]);
});

test("the table has a line for each file, and the sum", () => {
  const scores = [
    { file: "a.ts", found: 19, survived: 1 },
    { file: "b.ts", found: 0, survived: 0 },
  ];
  expect(renderScores(scores).split("\n")).toEqual([
    "  95.0 %     1 of   20 survived  a.ts",
    "       -     0 of    0 survived  b.ts",
    "  95.0 %     1 of   20 survived  all",
  ]);
});
