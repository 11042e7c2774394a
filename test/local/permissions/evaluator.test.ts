import fc from "fast-check";
import { Evaluator } from "../../../local/gateway/permissions/evaluation/evaluator";
import { ObjectPatterns } from "../../../local/gateway/permissions/evaluation/resourceClass";
import type { Place, RequestContext } from "../../../local/gateway/permissions/needs/need";
import { Roles } from "../../../local/roles";
import { ACCOUNT, allow, document, REGION, TABLE, trustOf, variable } from "./policies";

const place: Place = { accountId: ACCOUNT, region: REGION, hashKeyOf: async () => "id" };
const arn = `arn:aws:iam::${ACCOUNT}:role/r`;

function evaluatorFor(...statements: Record<string, unknown>[]) {
  const roles = new Roles();
  roles.add({ name: "r", logicalName: "r", arn, trust: trustOf("lambda.amazonaws.com") });
  const put = (...more: Record<string, unknown>[]) =>
    roles.putPolicy("r", { name: "p", logicalName: "p", document: document(...more) });
  put(...statements);
  const evaluator = new Evaluator(roles, place);
  const allows = async (action: string, resource: string, context: RequestContext = {}) =>
    (await evaluator.decide({ kind: "role", roleArn: arn, sessionName: "s" }, { action, resource, context })).allowed;
  return { allows, put, roles, evaluator };
}

describe("decisions are kept", () => {
  test("for all keys that the same patterns match, and for no other keys", async () => {
    const { allows, evaluator } = evaluatorFor(allow("Tmp", "s3:PutObject", "arn:aws:s3:::b/tmp/*"));
    for (let key = 0; key < 20; key++) expect(await allows("s3:PutObject", `arn:aws:s3:::b/tmp/${key}`)).toBe(true);
    for (let key = 0; key < 20; key++) expect(await allows("s3:PutObject", `arn:aws:s3:::b/${key}`)).toBe(false);
    expect(await allows("s3:PutObject", "arn:aws:s3:::c/tmp/1")).toBe(false);
    expect(evaluator.evaluations).toBe(3);
  });

  test("until a policy changes", async () => {
    const { allows, put, roles } = evaluatorFor(allow("Get", "dynamodb:GetItem", `${TABLE}/t`));
    expect(await allows("dynamodb:GetItem", `${TABLE}/t`)).toBe(true);
    put(allow("Get", "dynamodb:GetItem", `${TABLE}/u`));
    expect(await allows("dynamodb:GetItem", `${TABLE}/t`)).toBe(false);
    expect(await allows("s3:ListBucket", "arn:aws:s3:::b")).toBe(false);
    const open = { Effect: "Allow", Principal: { AWS: arn }, Action: "s3:ListBucket", Resource: "arn:aws:s3:::b" };
    roles.setResourcePolicy("arn:aws:s3:::b", document(open));
    expect(await allows("s3:ListBucket", "arn:aws:s3:::b")).toBe(true);
  });

  test("separately for each value of a condition key in the policies, whatever the values of other keys", async () => {
    const own = { Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["mine"] } } };
    const { allows, evaluator } = evaluatorFor(allow("Own", "dynamodb:GetItem", `${TABLE}/t`, own));
    const get = (key: string, select = "ALL") =>
      allows("dynamodb:GetItem", `${TABLE}/t`, {
        "dynamodb:leadingkeys": async () => [key],
        "dynamodb:select": () => select,
      });
    expect(await get("mine")).toBe(true);
    expect(await get("yours")).toBe(false);
    expect(await get("mine", "COUNT")).toBe(true);
    expect(evaluator.evaluations).toBe(2);
  });

  test("separately for each object key if patterns contain variables", async () => {
    const { allows } = evaluatorFor(
      allow("Own", "s3:GetObject", `arn:aws:s3:::b/${variable("aws:PrincipalAccount")}/*`),
    );
    expect(await allows("s3:GetObject", `arn:aws:s3:::b/${ACCOUNT}/1`)).toBe(true);
    expect(await allows("s3:GetObject", "arn:aws:s3:::b/999999999999/1")).toBe(false);
  });
});

test("a cached decision is the same as a fresh one", async () => {
  const letters = (...more: string[]) => fc.array(fc.constantFrom("a", "b", "/", ":", ...more), { maxLength: 5 });
  const pattern = fc
    .tuple(fc.constantFrom("arn:aws:s3:::b/", "arn:aws:s3:::?/", "arn:aws:*:::b/", "*"), letters("*", "?"))
    .map(([start, rest]) => start + rest.join(""));
  const keys = fc.array(
    letters().map((key) => `arn:aws:s3:::b/a${key.join("")}`),
    { minLength: 2, maxLength: 6 },
  );
  const property = fc.asyncProperty(pattern, pattern, keys, async (allowed, denied, resources) => {
    const statements = [allow("A", "s3:GetObject", allowed), { Effect: "Deny", Action: "s3:*", Resource: denied }];
    const kept = evaluatorFor(...statements);
    for (const resource of resources) {
      const fresh = await evaluatorFor(...statements).allows("s3:GetObject", resource);
      expect([resource, await kept.allows("s3:GetObject", resource)]).toEqual([resource, fresh]);
    }
  });
  await fc.assert(property, { numRuns: 100 });
});

test.each([
  ["an asterisk", "a*b"],
  ["a line break", "a\nb"],
  ["a question mark", "a?b"],
])("a key with %s is one key", async (_, key) => {
  const { allows } = evaluatorFor(allow("All", "s3:GetObject", "arn:aws:s3:::b/*"), {
    Effect: "Deny",
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::b/axxb",
  });
  expect(await allows("s3:GetObject", `arn:aws:s3:::b/${key}`)).toBe(true);
});

test("the gateway stands for TLS, in the region and account of the program", async () => {
  const conditions = {
    Bool: { "aws:SecureTransport": "true" },
    StringEquals: { "aws:RequestedRegion": REGION, "aws:PrincipalAccount": ACCOUNT },
    ArnEquals: { "aws:PrincipalArn": arn },
  };
  const { allows } = evaluatorFor(allow("All", "sqs:ListQueues", "*", { Condition: conditions }));
  expect(await allows("sqs:ListQueues", "*")).toBe(true);
});

test.each([
  ["arn:aws:s3:::b/x/1", "arn:aws:s3:::b/x/2", true],
  ["arn:aws:s3:::b/x/1", "arn:aws:s3:::b/y/1", false],
  ["arn:aws:s3:::b/x/1", "arn:aws:s3:::c/x/1", false],
  ["arn:aws:s3:::b/x/1", "arn:aws:s3:::b", false],
  [`${TABLE}/a`, `${TABLE}/b`, false],
])("%s and %s are in the same class: %s", (one, other, same) => {
  const patterns = new ObjectPatterns(["arn:aws:s3:::b/x/*", "arn:aws:s3:::?/y/*", "*", `${TABLE}/*`]);
  expect(patterns.classOf(one) === patterns.classOf(other)).toBe(same);
});
