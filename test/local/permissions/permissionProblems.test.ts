import type { PermissionReport } from "../../../local/gateway/permissions/usage/report";
import { type PermissionExceptions, permissionProblems } from "./permissionProblems";

const none: PermissionExceptions = { unused: [], refused: [] };
const grant = (sid: string, action: string) => ({ policy: "p", sid, action, resources: ["*"] });

function report(used: string[], unused: string[], refused: string[] = []): PermissionReport {
  return {
    roles: [
      {
        role: "r",
        arn: "arn:aws:iam::000000000000:role/r-1234567",
        used: used.map((action) => ({ ...grant("S", action), times: 1 })),
        unused: unused.map((action) => grant("S", action)),
        refused: refused.map((action) => ({ action, resource: "x", reason: "because", times: 1 })),
      },
    ],
  };
}

test.each<[string, PermissionReport[], PermissionExceptions, RegExp[]]>([
  ["all is used and nothing refused", [report(["a"], [])], none, []],
  ["something is never used", [report(["a"], ["b"])], none, [/^r S b is granted and never used$/]],
  ["another run uses it", [report(["a"], ["b"]), report(["b"], ["a"])], none, []],
  ["something is refused", [report([], [], ["c"])], none, [/^r c was refused on x because$/]],
  [
    "exceptions cover it",
    [report([], ["b"], ["c"])],
    {
      unused: [{ role: "r", sid: "S", action: "b", reason: "…" }],
      refused: [{ role: "r", action: "c", reason: "…" }],
    },
    [],
  ],
  [
    "exceptions are not needed",
    [report(["b"], [])],
    {
      unused: [{ role: "r", sid: "S", action: "b", reason: "…" }],
      refused: [{ role: "r", action: "c", reason: "…" }],
    },
    [/^r c was not refused/, /^r S b is used or gone/],
  ],
])("where %s", (_, reports, exceptions, problems) => {
  expect(permissionProblems(reports, exceptions)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
});
