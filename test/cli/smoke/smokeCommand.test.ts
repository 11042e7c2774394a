import { participantsOf, readSamples } from "../../../cli/smoke/samples";
import { sluice, stackAt } from "../operatorStack";

const NOBODY = "http://127.0.0.1:9";

test.each([
  [["--clean", "smoke"], "--clean must be the id of a run, such as smoke-1a2b3c4d, got smoke."],
  [["--clean", "0001"], "--clean must be the id of a run, such as smoke-1a2b3c4d, got 0001."],
  [["--timeout", "0"], "whole number from 1 to 75"],
  [["--timeout", "76"], "whole number from 1 to 75"],
])("%j is wrong usage: nothing is done", async (args, sentence) => {
  const { code, stdout, stderr } = await sluice(await stackAt(NOBODY), ["smoke", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(sentence);
});

test("a stack whose intake isn't known is wrong usage, too", async () => {
  const { code, stderr } = await sluice(await stackAt(NOBODY), ["smoke"]);
  expect(code).toBe(2);
  expect(stderr).toContain("no output intake");
});

test("the samples of a run are from participants of its own", async () => {
  const samples = await readSamples("smoke-00000001");
  expect(samples).toHaveLength(10);
  expect([...new Set(samples.map(({ participant }) => participant))].sort()).toEqual(participantsOf("smoke-00000001"));
  expect(samples[0]).toMatchObject({
    participant: "smoke-00000001-0001",
    submission: "smoke-00000001-0001092821120000",
    survey: { user_id: "smoke-00000001-0001", q1: 5 },
  });
});
