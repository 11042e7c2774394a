import { resourceTypes } from "../../local/resources/index";
import { autoName, checkInputs, meaningless, type ResourceType } from "../../local/resources/resourceType";

const type: ResourceType = { honours: ["name"], excuses: { tags: "no reader" }, create: () => ({ id: "", state: {} }) };

describe("inputs of a resource", () => {
  test("may be honoured, excused, or undefined", () => {
    expect(() => checkInputs("a:b:C", "mine", type, { name: "x", tags: {}, other: undefined })).not.toThrow();
  });

  test.each([
    ["false", false],
    ["0", 0],
    ["null", null],
    ["an empty text", ""],
  ])("are not lost silently, not even %s", (_, value) => {
    expect(() => checkInputs("a:b:C", "mine", type, { other: value })).toThrow(
      expect.objectContaining({ code: "INPUT_NOT_HONOURED", value: ["other"] }),
    );
  });

  test.each(["constructor", "toString", "hasOwnProperty"])(
    "with the name of an Object property are not excused: %s",
    (name) => {
      expect(() => checkInputs("a:b:C", "mine", type, { [name]: "x" })).toThrow(
        expect.objectContaining({ code: "INPUT_NOT_HONOURED" }),
      );
    },
  );

  test("are all excused if the type has no meaning here", () => {
    expect(() => checkInputs("a:b:C", "mine", meaningless("nobody looks"), { anything: 1 })).not.toThrow();
  });
});

test("every excuse has a reason", () => {
  const excuses = Object.values(resourceTypes).flatMap(({ excuses = {} }) => Object.values(excuses));
  expect(excuses.length).toBeGreaterThan(0);
  for (const reason of excuses) expect(reason.length).toBeGreaterThan(10);
});

test("no input is both honoured and excused", () => {
  for (const { honours, excuses = {} } of Object.values(resourceTypes)) {
    expect(honours.filter((input) => input in excuses)).toEqual([]);
  }
});

test("physical names look like Pulumi's and differ", () => {
  const names = Array.from({ length: 100 }, () => autoName("queue"));
  expect(new Set(names).size).toBe(100);
  for (const name of names) expect(name).toMatch(/^queue-[0-9a-f]{7}$/);
});
