import { javaVersion, requireEnvironment } from "../../../../local/glue/python/environment";

test.each([
  ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17],
  ['openjdk version "24" 2025-03-18', 24],
  ['java version "1.8.0_392"', 8],
  ['openjdk version "21-ea" 2023-09-19', 21],
  ["The operation couldn’t be completed. Unable to locate a Java Runtime.", Number.NaN],
])("%j: the version is %d", (printed, expected) => {
  expect(javaVersion(printed)).toBe(expected);
});

test("without an environment one sentence names the command to run", async () => {
  const error = await requireEnvironment("/nowhere").catch((thrown) => thrown);
  expect(error).toMatchObject({
    code: "GLUE_PYTHON_MISSING",
    message: "Spark needs a Python environment under .sluice/: run `npm run glue:setup` once.",
  });
});
