/** Runs infrastructure against mocks and returns everything that it registered. */
import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  type: string;
  name: string;
  custom: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: inputs have the shape of their resource type, which tests know.
  inputs: any;
}

export interface DeployOptions {
  /** Config with namespaces. Default none but a region. */
  config?: Record<string, string>;
  /** True leaves computed outputs unknown, as `pulumi preview` does. Default false. */
  preview?: boolean;
}

export class Deployment {
  readonly resources: Registered[] = [];
  readonly calls: string[] = [];

  /** The inputs of all resources of a type, such as `sqs/queue:Queue`, by name. */
  // biome-ignore lint/suspicious/noExplicitAny: see Registered.
  ofType(type: string): Record<string, any> {
    const found = this.resources.filter((resource) => resource.type === `aws:${type}`);
    return Object.fromEntries(found.map(({ name, inputs }) => [name, inputs]));
  }
}

/** The statements of a policy, by Sid. */
// biome-ignore lint/suspicious/noExplicitAny: see Registered.
export function statementsOf(policy: string): Record<string, any> {
  const document = JSON.parse(policy) as { Version: string; Statement: { Sid: string }[] };
  expect(document.Version).toBe("2012-10-17");
  return Object.fromEntries(document.Statement.map(({ Sid, ...statement }) => [Sid, statement]));
}

/** Deploys what `build` makes, as stack `test` of project `sluice`; resolves when all of it is registered. */
export async function deploy(build: () => unknown, options: DeployOptions = {}): Promise<Deployment> {
  const { config = { "aws:region": "us-east-1" }, preview = false } = options;
  const deployment = new Deployment();
  await pulumi.runtime.setMocks(
    {
      call: async ({ token }) => {
        deployment.calls.push(token);
        return { accountId: "111122223333" };
      },
      newResource: async ({ type, name, custom = true, inputs }) => {
        deployment.resources.push({ type, name, custom, inputs });
        // Pulumi gives each physical name a random end; the tests only need one that differs from the logical name.
        const computed = { name: `${name}-7f3a`, bucket: `${name}-7f3a`, arn: `arn:${name}`, url: `https://${name}` };
        return preview ? { id: undefined, state: inputs } : { id: `${name}-id`, state: { ...computed, ...inputs } };
      },
    },
    "sluice",
    "test",
    preview,
  );
  pulumi.runtime.setAllConfig(config);
  // The SDK notes a stack for each of its promises; mapping those back to TypeScript takes longer than everything else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    build();
    await pulumi.runtime.disconnect(false);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return deployment;
}
