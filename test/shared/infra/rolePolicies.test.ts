import * as aws from "@pulumi/aws";
import { allow, type Statement } from "../../../shared/infra/policy";
import { rolePolicies, type TooManyPermissions } from "../../../shared/infra/rolePolicies";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "./deploy";

const tables = (count: number) =>
  Array.from({ length: count }, (_, n) => `arn:aws:dynamodb:us-east-1:111122223333:table/orders-of-the-year-${n}`);
const statements = (count: number): Statement[] => [
  allow("Take", ["sqs:ReceiveMessage"], "arn:queue"),
  allow("Read", ["dynamodb:Scan"], tables(count)),
  allow("Keep", ["s3:PutObject"], "arn:bucket/*"),
];

function made(given: Statement[], options?: DeployOptions): Promise<Deployment> {
  return deploy(() => {
    const role = new aws.iam.Role("f-role", { assumeRolePolicy: "{}" });
    rolePolicies("f", { role, statements: given, tags: { lab: "sleep" } }, {});
  }, options);
}

const inlineOf = (deployment: Deployment) => deployment.ofType("iam/rolePolicy:RolePolicy");
const managedOf = (deployment: Deployment) => deployment.ofType("iam/policy:Policy");

/** Every resource of a list, in the order of the policies. */
function listed(deployment: Deployment, sid: string): string[] {
  const policies = [...Object.values(inlineOf(deployment)), ...Object.values(managedOf(deployment))];
  return policies.flatMap(({ policy }) => statementsOf(policy)[sid]?.Resource ?? []);
}

test("statements that fit stay in one inline policy, unchanged", async () => {
  const deployment = await made(statements(20));
  expect(Object.keys(inlineOf(deployment))).toEqual(["f-policy"]);
  const { role, policy } = inlineOf(deployment)["f-policy"];
  expect(role).toBe("f-role-7f3a");
  expect(JSON.parse(policy).Statement).toEqual(statements(20));
  expect(managedOf(deployment)).toEqual({});
});

test("statements that don't fit are divided over managed policies, attached to the role", async () => {
  const deployment = await made(statements(250));
  expect(Object.keys(managedOf(deployment))).toEqual(["f-policy-2", "f-policy-3"]);
  expect(listed(deployment, "Read")).toEqual(tables(250));
  expect(Object.keys(statementsOf(inlineOf(deployment)["f-policy"].policy))).toEqual(["Take", "Read", "Keep"]);
  for (const { policy, tags } of Object.values(managedOf(deployment))) {
    expect(Object.keys(statementsOf(policy))).toEqual(["Read"]);
    expect(tags).toEqual({ lab: "sleep" });
  }
  expect(deployment.ofType("iam/rolePolicyAttachment:RolePolicyAttachment")).toEqual({
    "f-policy-2-attachment": { role: "f-role-7f3a", policyArn: "arn:f-policy-2" },
    "f-policy-3-attachment": { role: "f-role-7f3a", policyArn: "arn:f-policy-3" },
  });
});

test("each policy is within AWS's limits", async () => {
  const deployment = await made(statements(600));
  expect(inlineOf(deployment)["f-policy"].policy.length).toBeLessThanOrEqual(10_240);
  const lengths = Object.values(managedOf(deployment)).map(({ policy }) => policy.length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(6_144);
  // All but the last are full.
  expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(6_000);
});

test("preview plans the same resources", async () => {
  const names = ({ resources }: Deployment) => resources.map(({ name }) => name).sort();
  expect(names(await made(statements(250), { preview: true }))).toEqual(names(await made(statements(250))));
});

test.each([true, false])(
  "too many resources are refused with the number that fits, before any policy is made (preview: %s)",
  async (preview) => {
    const attempt = async (count: number, listed?: string) => {
      let error: unknown;
      const { resources } = await deploy(
        () => {
          const role = new aws.iam.Role("f-role", { assumeRolePolicy: "{}" });
          try {
            rolePolicies("f", { role, statements: statements(count), tags: {}, listed }, {});
          } catch (thrown) {
            error = thrown;
          }
        },
        { preview },
      );
      return { error, policies: resources.filter(({ type }) => type !== "aws:iam/role:Role").length };
    };
    const { error, policies } = await attempt(1_500, "tables");
    expect(policies).toBe(0);
    expect(error).toMatchObject({ code: "TOO_MANY_PERMISSIONS", given: 1_500 });
    const { fit } = error as TooManyPermissions;
    expect((error as Error).message).toBe(
      `f: its role has room for ${fit} tables, got 1500: AWS allows 10240 characters of inline policies and 10 managed ` +
        "policies of 6144 for one role. Name fewer tables, or divide them between two services.",
    );
    expect(await attempt(fit)).toEqual({ error: undefined, policies: 1 + 2 * 10 });
    expect((await attempt(fit + 1)).error).toMatchObject({
      message: expect.stringContaining(`room for ${fit} resources, got ${fit + 1}:`),
    });
  },
);
