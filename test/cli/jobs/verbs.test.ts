import { parseRate, persist } from "../../../cli/jobs/verbs";

describe("a change that collides with a worker's", () => {
  const cancelled = (Code: string) =>
    Object.assign(new Error("cancelled"), { name: "TransactionCanceledException", CancellationReasons: [{ Code }] });

  /** Fails so often, then succeeds. */
  function failing(times: number, error: Error) {
    return jest.fn(async () => {
      if (times-- > 0) throw error;
      return "done";
    });
  }

  test("is made again", async () => {
    const change = failing(2, cancelled("TransactionConflict"));
    expect(await persist(change)).toBe("done");
    expect(change).toHaveBeenCalledTimes(3);
  });

  test.each([
    ["a refusal", cancelled("ValidationError")],
    ["what the SDK has repeated already", Object.assign(new Error("gone"), { code: "ECONNRESET" })],
  ])("%s is not", async (_, error) => {
    const change = failing(1, error);
    await expect(persist(change)).rejects.toBe(error);
    expect(change).toHaveBeenCalledTimes(1);
  });
});

test.each([
  ["100", 100],
  ["0.5", 0.5],
  ["-1", -1],
  ["1e3", 1_000],
])("the rate %s is %d", (text, rcu) => {
  expect(parseRate(text)).toBe(rcu);
});

test.each([["50%"], ["fast"], [""], [" "], ["Infinity"], ["1,000"]])("%j is no rate", (text) => {
  expect(() => parseRate(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
