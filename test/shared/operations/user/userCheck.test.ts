import type { Operation } from "../../../../shared/operations/operation";
import { problemsOf } from "../../../../shared/operations/user/userCheck";

type Check = NonNullable<Operation["check"]>;

test.each<[string, unknown, string[]]>([
  ["sentences", ["params.width must be given."], ["params.width must be given."]],
  ["no sentences", [], []],
  ["nothing", undefined, []],
  ["one sentence", "params.width must be given.", [expect.stringMatching(/must return a list of sentences/)]],
  ["a promise", Promise.resolve([]), [expect.stringMatching(/must return a list of sentences/)]],
  ["an answer that is not a sentence", [{ width: 1 }], [expect.stringMatching(/must return a list of sentences/)]],
])("a check that returns %s", (_, returned, problems) => {
  expect(problemsOf((() => returned) as Check, {})).toEqual(problems);
});

test("a check that throws refuses the request", () => {
  const check: Check = ({ attribute }) => ((attribute as string).length > 0 ? [] : ["?"]);
  expect(problemsOf(check, {})).toEqual([expect.stringMatching(/^params could not be checked: TypeError: .+\.$/)]);
});
