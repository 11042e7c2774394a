import type { TableIdentity } from "../../../shared/tables/identity";
import { identityProblem } from "../../../shared/tables/identity";

const ANEW = "Table orders was deleted and recreated after the job began.";
const DROPPED = "The index of table orders that the job reads was dropped after the job began.";
const OTHER = "The index of table orders that the job reads was recreated with other keys or another projection.";

const arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

test.each<[string, TableIdentity, TableIdentity, string | undefined]>([
  ["the same id", { id: "a", createdAt: 1 }, { id: "a", createdAt: 1 }, undefined],
  ["another id", { id: "a", createdAt: 1 }, { id: "b", createdAt: 1 }, ANEW],
  // The id decides: a restored time of creation doesn't make it another table.
  ["the same id at another time", { id: "a", createdAt: 1 }, { id: "a", createdAt: 2 }, undefined],
  ["no ids, the same time", { createdAt: 1 }, { createdAt: 1 }, undefined],
  ["no ids, another time", { createdAt: 1 }, { createdAt: 2 }, ANEW],
  ["an id only before, the same time", { id: "a", createdAt: 1 }, { createdAt: 1 }, undefined],
  ["an id only before, another time", { id: "a", createdAt: 1 }, { createdAt: 2 }, ANEW],
  ["an id only now, another time", { createdAt: 1 }, { id: "b", createdAt: 2 }, ANEW],
  ["nothing known before", {}, { id: "a", createdAt: 1 }, undefined],
  ["nothing known now", { id: "a", createdAt: 1 }, {}, undefined],
  ["a time of zero and another", { createdAt: 0 }, { createdAt: 1 }, ANEW],
  ["another ARN makes no difference", { id: "a", arn }, { id: "a" }, undefined],
  ["the same index", { id: "a", index: "x" }, { id: "a", index: "x" }, undefined],
  ["an index that is gone", { id: "a", index: "x" }, { id: "a" }, DROPPED],
  ["an index of another definition", { id: "a", index: "x" }, { id: "a", index: "y" }, OTHER],
  ["an index that the job does not read", { id: "a" }, { id: "a", index: "y" }, undefined],
  ["another table with another index", { id: "a", index: "x" }, { id: "b", index: "y" }, ANEW],
])("%s", (_, before, now, problem) => expect(identityProblem(before, now, "orders")).toBe(problem));
