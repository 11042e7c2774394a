/** Repeats the decisions of the Python package. */
import { revived } from "../../shared/aws/dynamoJson";
import { deleteDeclaration } from "../../shared/operations/delete/declaration";
import { deleteDecider } from "../../shared/operations/delete/delete";
import type { Params } from "../../shared/operations/operation";
import { updateDeclaration } from "../../shared/operations/update/declaration";
import { updateDecider } from "../../shared/operations/update/update";
import type { TableSchema } from "../../shared/tables/schema";
import { pythonGolden } from "../support/golden";
import { verdictText } from "./verdicts";

interface PythonChanges {
  readonly schema: TableSchema;
  readonly job: string;
  readonly cases: readonly { params: Params; items: string[]; verdicts: string[] }[];
}

const { schema: target, job, cases } = pythonGolden<PythonChanges>("changes");

test("random items get the same decisions as in the Python package", () => {
  expect(cases.length).toBeGreaterThan(100);
  for (const { params, items, verdicts } of cases) {
    const isUpdate = params.update !== undefined;
    const { check } = isUpdate ? updateDeclaration : deleteDeclaration;
    expect(check!(params, { target })).toEqual([]);
    const decide = isUpdate ? updateDecider({ params, target, job }) : deleteDecider({ params, target });
    const decided = items.map((item) => verdictText(decide(revived(JSON.parse(item)))));
    expect(decided.map(parsed)).toEqual(verdicts.map(parsed));
  }
});

/** JavaScript has names that are numbers before all others, so what was seen may come in another order. */
function parsed(text: string): object {
  const { seen = [], ...verdict } = JSON.parse(text) as { seen?: [path: unknown, value: unknown][] };
  return { ...verdict, seen: Object.fromEntries(seen.map(([path, value]) => [JSON.stringify(path), value])) };
}
