import { findInterpreter } from "../../../../local/glue/python/interpreter";

const on =
  (path: Record<string, string>) =>
  async (command: string): Promise<string | undefined> =>
    path[command];

test.each([
  ["Glue's own version, wherever it is", { python3: "3 12 True\n", "python3.11": "3 11 True\n" }, "python3.11"],
  ["the default one", { python3: "3 13 True\n" }, "python3"],
  ["another one if the default one is too old", { python3: "3 8 True\n", "python3.10": "3 10 True\n" }, "python3.10"],
  ["one with venv before one without", { "python3.11": "3 11 False\n", python3: "3 12 True\n" }, "python3"],
])("takes %s", async (_, path, expected) => {
  expect(await findInterpreter(on(path as Record<string, string>))).toBe(expected);
});

test.each([
  [{}, "PYTHON_MISSING", /install python3/],
  [{ python3: "3 9 True\n" }, "PYTHON_UNFIT", /python3 is 3\.9: put Python 3\.11 on the PATH/],
  [{ python3: "3 11 False\n" }, "VENV_MISSING", /^python3 lacks the module venv: install it/],
])("%j: one sentence names what is missing", async (path, code, message) => {
  const error = await findInterpreter(on(path as Record<string, string>)).catch((thrown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error.message).not.toMatch(/\. \w/);
});
