import { policy, SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await SmallCloud.start();
});
afterAll(() => cloud.stop());

let roles = 0;
const role = () =>
  cloud.make("aws:iam/role:Role", `role-${roles++}`, {
    assumeRolePolicy: policy([
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]),
  });

/** A policy of exactly this many characters, not counting its white space. */
function policyOf(characters: number): string {
  const statement = (Resource: string) => ({ Effect: "Allow", Action: "dynamodb:Scan", Resource });
  const text = policy([statement("x".repeat(characters - policy([statement("")]).length))]);
  return text.replaceAll(",", " ,\n ");
}

const inline = (owner: { id: string }, name: string, characters: number) =>
  cloud.make("aws:iam/rolePolicy:RolePolicy", name, { role: owner.id, policy: policyOf(characters) });
const managed = (name: string, characters: number) =>
  cloud.make("aws:iam/policy:Policy", name, { policy: policyOf(characters) });
const attach = (owner: { id: string }, policyArn: string | undefined) =>
  cloud.make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", { role: owner.id, policyArn });
const refused = { code: "LIMIT_EXCEEDED" };

test("the inline policies of a role have 10,240 characters together, white space not counted", async () => {
  const owner = await role();
  await inline(owner, "first", 6_000);
  await inline(owner, "second", 4_240);
  await expect(inline(owner, "third", 100)).rejects.toMatchObject({ ...refused, value: 10_340 });
  await expect(inline(await role(), "large", 10_241)).rejects.toMatchObject(refused);
  await inline(await role(), "just", 10_240);
});

test("a managed policy has 6,144", async () => {
  await managed("just", 6_144);
  await expect(managed("large", 6_145)).rejects.toMatchObject({ ...refused, value: 6_145 });
});

test("a role has ten managed policies, whose size does not count as inline", async () => {
  const owner = await role();
  await inline(owner, "inline", 10_240);
  for (let n = 0; n < 10; n++) await attach(owner, (await managed(`m-${n}`, 6_144)).arn);
  await expect(attach(owner, (await managed("one-more", 100)).arn)).rejects.toMatchObject({ ...refused, value: 11 });
});

test("statements of attached policies are reported by their Sid, each in its policy", async () => {
  const owner = await role();
  const read = (Resource: string) => policy([{ Sid: "Read", Effect: "Allow", Action: "dynamodb:Scan", Resource }]);
  await cloud.make("aws:iam/rolePolicy:RolePolicy", "reader", { role: owner.id, policy: read("arn:first") });
  const { arn } = await cloud.make("aws:iam/policy:Policy", "reader-2", { policy: read("arn:second") });
  await attach(owner, arn);
  const { unused } = cloud.report().roles.find((each) => each.arn === owner.arn)!;
  const grant = { sid: "Read", action: "dynamodb:Scan" };
  expect(unused).toEqual([
    { ...grant, policy: "reader", resources: ["arn:first"] },
    { ...grant, policy: "reader-2", resources: ["arn:second"] },
  ]);
});
