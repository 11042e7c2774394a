import { formFields, problemsOf, requestOf } from "../../../../cli/ui/api/startForm";
import { startOptions } from "../../../../shared/jobs/startRequest";

const form = formFields();

test("the form has every option of the start request but the id, which it makes up", () => {
  const names = form.fields.map(({ name }) => name);
  expect(names).toEqual(Object.keys(startOptions).filter((name) => name !== "jobId"));
});

test("every field belongs to an operation or to a source, except for those of an undo", () => {
  const used = new Set([...Object.values(form.fieldsOf), ...Object.values(form.sourceFields)].flat());
  expect(form.fields.map(({ name }) => name).filter((name) => !used.has(name) && name !== "params")).toEqual([]);
});

test("the option determines how its field is filled in", () => {
  const kinds = Object.fromEntries(form.fields.map(({ name, kind, choices }) => [name, choices ?? kind]));
  expect(kinds).toMatchObject({
    ...{ readRate: "text", dryRun: "switch", update: "json", names: "json", source: "text" },
    driver: expect.arrayContaining(["queue", "workflow"]),
  });
});

test("fields of the source that make no sense with an operation are left out", () => {
  expect(form.fieldsOf.count).toContain("-projection");
  expect(form.operations).not.toContain("undo");
});

test("empty fields and switches that are off are left out", () => {
  const values = { operation: "count", table: "surveys", readRate: "50%", filter: "  ", consistentRead: false };
  expect(requestOf(values, "a")).toEqual({ operation: "count", table: "surveys", readRate: "50%", jobId: "a" });
});

test("an unknown field is a problem of the form", () => {
  const values = { operation: "count", table: "surveys", colour: "red" };
  expect(() => requestOf(values, "a")).toThrow(
    expect.objectContaining({
      problems: ["colour is not an option of a start request."],
    }),
  );
});

test("sentences about no field are problems of the form", () => {
  const { problems, fields } = problemsOf(["readRate must be lower.", "names.#a must be used.", "Table x is gone."]);
  expect(problems).toEqual(["Table x is gone."]);
  expect(fields).toEqual({ readRate: ["readRate must be lower."], names: ["names.#a must be used."] });
});
