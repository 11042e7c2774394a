/** Runs infrastructure against mocks and returns everything that it registered. */
import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  type: string;
  name: string;
  custom: boolean;
  /** Type of the component around it; empty if there is none. */
  parent: string;
  /** True if `pulumi destroy` must stop, because of the resource's own option or its parent's. */
  protect: boolean;
  /** True if AWS keeps the resource when the engine forgets it. */
  retainOnDelete: boolean;
  /** Inputs that an update leaves as they are. */
  ignoreChanges: string[];
  /** The inputs as the engine and its state get them: secrets are marked. */
  serialized: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: inputs have the shape of their resource type, which tests know.
  inputs: any;
}

export interface DeployOptions {
  /** Config with namespaces. Default none but a region. */
  config?: Record<string, string>;
  /** Full keys that were set with `--secret`. Default none. */
  secretKeys?: string[];
  /** Name of the stack. Default `test`. */
  stack?: string;
  /** True leaves computed outputs unknown, as `pulumi preview` does. Default false. */
  preview?: boolean;
}

export class Deployment {
  readonly resources: Registered[] = [];
  readonly calls: string[] = [];
  /** What components register as their outputs, as the state gets it: secrets are marked. */
  readonly componentOutputs: unknown[] = [];
  /** What `build` returned: the exports of a program. */
  // biome-ignore lint/suspicious/noExplicitAny: see Registered.
  built: any;

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

/** Deploys the resources of `build`, as a stack of project `sluice`. Resolves when all of them are registered. */
export async function deploy(build: () => unknown, options: DeployOptions = {}): Promise<Deployment> {
  const { config = { "aws:region": "us-east-1" }, secretKeys = [], stack = "test", preview = false } = options;
  const deployment = new Deployment();
  let resourceOptions = new Map<string, Options>();
  await pulumi.runtime.setMocks(
    {
      call: async ({ token }) => {
        deployment.calls.push(token);
        return { accountId: "111122223333" };
      },
      newResource: async ({ type, name, custom = true, inputs }) => {
        const noted = resourceOptions.get(`${type} ${name}`) ?? NOTHING_NOTED;
        deployment.resources.push({ type, name, custom, ...noted, inputs });
        // Pulumi gives each physical name a random end. The tests only need a name that differs from the logical one.
        const computed = { name: `${name}-7f3a`, bucket: `${name}-7f3a`, arn: `arn:${name}`, url: `https://${name}` };
        return preview ? { id: undefined, state: inputs } : { id: `${name}-id`, state: { ...computed, ...inputs } };
      },
    },
    "sluice",
    stack,
    preview,
  );
  resourceOptions = noteOptions();
  noteOutputs(deployment.componentOutputs);
  pulumi.runtime.setAllConfig(config, secretKeys);
  // The SDK notes a stack for each of its promises; mapping those back to TypeScript takes longer than everything else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    deployment.built = build();
    await pulumi.runtime.disconnect(false);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return deployment;
}

type Options = Pick<Registered, "parent" | "protect" | "retainOnDelete" | "ignoreChanges" | "serialized">;
const NOTHING_NOTED: Options = { parent: "", protect: false, retainOnDelete: false, ignoreChanges: [], serialized: {} };

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getObject(): { toJavaScript(): unknown };
}
type Register = (request: RegisterRequest, ...rest: unknown[]) => unknown;

/**
 * Records the options of each resource, by type and name. Mocks do not get the options, but the requests to their monitor have
 * them.
 */
function noteOptions(): Map<string, Options> {
  const noted = new Map<string, Options>();
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("There is no monitor; setMocks has to make one.");
  const register = monitor.registerResource.bind(monitor) as Register;
  const noting: Register = (request, ...rest) => {
    // A URN ends with the types from the stack down, and the name: …::sluice:scanner:TableScanner$aws:sqs/queue:Queue::name
    const parent = request.getParent().split("::").at(-2)?.split("$").at(-1) ?? "";
    noted.set(`${request.getType()} ${request.getName()}`, {
      parent,
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      ignoreChanges: request.getIgnorechangesList(),
      serialized: request.getObject().toJavaScript(),
    });
    return register(request, ...rest);
  };
  monitor.registerResource = noting as typeof monitor.registerResource;
  return noted;
}

/** Records the outputs of components. */
function noteOutputs(noted: unknown[]): void {
  const monitor = pulumi.runtime.getMonitor()!;
  type Outputs = { getOutputs(): { toJavaScript(): unknown } };
  const register = monitor.registerResourceOutputs.bind(monitor) as (request: Outputs, ...rest: unknown[]) => unknown;
  const noting: typeof register = (request, ...rest) => {
    noted.push(request.getOutputs().toJavaScript());
    return register(request, ...rest);
  };
  monitor.registerResourceOutputs = noting as unknown as typeof monitor.registerResourceOutputs;
}
