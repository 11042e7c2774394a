/**
 * Stands in for the Pulumi CLI: a resource monitor and an engine over gRPC, and the SDK's own loader in a child process. It
 * records what the program registers and logs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import structs from "google-protobuf/google/protobuf/struct_pb";
import { KEPT_BUNDLES } from "../../../shared/infra/keptBundles";

const root = resolve(__dirname, "../../..");
// The SDK exports these files without types that fit a generic stub.
const proto = (name: string) => require(`@pulumi/pulumi/proto/${name}`);

export interface RegisteredResource {
  type: string;
  name: string;
  custom: boolean;
  /** Name of the resource above it; the stack is the root. */
  parent: string;
  /** True if `pulumi destroy` must stop. */
  protect: boolean;
  /** Names of the resources that must exist first. */
  after: string[];
  /** Further URNs under which the engine looks for the resource in the state of an earlier version. */
  former: string[];
  inputs: Record<string, unknown>;
}

export interface ProgramRun {
  exitCode: number | null;
  /** What the program registered, in order. */
  resources: RegisteredResource[];
  /** The stack's outputs; undefined if the program did not get that far. */
  outputs: Record<string, unknown> | undefined;
  /** Errors as the CLI would show them. */
  errors: string[];
  /** What the process printed. */
  printed: string;
}

export interface ProgramOptions {
  /** The node to run it with. */
  node: string;
  /** Config with namespaces, as the CLI hands it over. */
  config: Record<string, string>;
  /** True runs as `pulumi preview` does: computed outputs are unknown. Default false. */
  preview?: boolean;
  /** True compiles and bundles everything anew, as on a user's machine. Default: as the tests share it (`sharedParts.ts`). */
  fresh?: boolean;
}

/** Runs index.ts as `pulumi up` or `pulumi preview` would. */
export async function runProgram(options: ProgramOptions): Promise<ProgramRun> {
  const { preview = false } = options;
  const run: ProgramRun = { exitCode: null, resources: [], outputs: undefined, errors: [], printed: "" };
  const server = new grpc.Server();
  server.addService(proto("resource_grpc_pb").ResourceMonitorService, monitor(run, preview));
  server.addService(proto("engine_grpc_pb").EngineService, engine(run));
  const port = await new Promise<number>((done, failed) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? failed(error) : done(bound),
    ),
  );
  try {
    const child = startLoader(`127.0.0.1:${port}`, options);
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (run.printed += data));
    run.exitCode = await new Promise((done) => child.on("close", done));
  } finally {
    server.forceShutdown();
  }
  return run;
}

function startLoader(address: string, { node, config, preview, fresh }: ProgramOptions): ChildProcess {
  const shared = ["NODE_COMPILE_CACHE", KEPT_BUNDLES].map((name) => [name, process.env[name]]);
  const flags = { project: "sluice", stack: "test", pwd: root, monitor: address, engine: address, parallel: "16" };
  const argv = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return spawn(node, [require.resolve("@pulumi/pulumi/cmd/run"), ...argv, ...(preview ? ["--dry-run"] : []), "."], {
    cwd: root,
    env: {
      ...(fresh ? {} : Object.fromEntries(shared)),
      PATH: process.env.PATH,
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json",
      PULUMI_CONFIG: JSON.stringify(config),
    },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the stubs speak the generated protobuf classes, which have no types here.
type Call = { request: any };
type Reply = (error: grpc.ServiceError | null, response?: unknown) => void;

function monitor(run: ProgramRun, preview: boolean): grpc.UntypedServiceImplementation {
  const { SupportsFeatureResponse, RegisterResourceResponse, RegisterPackageResponse } = proto("resource_pb");
  const { InvokeResponse } = proto("provider_pb");
  const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
  return {
    supportsFeature: ({ request }: Call, reply: Reply) => {
      // outputValues and transforms are not needed here. Without aliasSpecs the SDK itself computes all former URNs.
      const offered = ["secrets", "resourceReferences"].includes(request.getId());
      const response = new SupportsFeatureResponse();
      response.setHassupport(offered);
      reply(null, response);
    },
    registerPackage: (_: Call, reply: Reply) => reply(null, new RegisterPackageResponse()),
    invoke: ({ request }: Call, reply: Reply) => {
      const response = new InvokeResponse();
      if (request.getTok() === "aws:index/getCallerIdentity:getCallerIdentity") {
        response.setReturn(structs.Struct.fromJavaScript({ accountId: "111122223333" }));
      }
      reply(null, response);
    },
    registerResource: ({ request }: Call, reply: Reply) => {
      const [type, name, custom] = [request.getType(), request.getName(), request.getCustom()];
      const inputs = request.getObject().toJavaScript();
      const after = request.getDependenciesList().map(nameOf);
      const parent = nameOf(request.getParent());
      const former = request.getAliasurnsList();
      run.resources.push({ type, name, custom, parent, protect: request.getProtect(), after, former, inputs });
      const response = new RegisterResourceResponse();
      response.setUrn(`urn:pulumi:test::sluice::${type}::${name}`);
      if (!preview && custom) response.setId(`${name}-id`);
      const computed = { arn: `arn:aws:x:::${name}`, url: `https://sqs/${name}`, name, bucket: name, ...inputs };
      response.setObject(structs.Struct.fromJavaScript(preview || !custom ? inputs : computed));
      reply(null, response);
    },
    registerResourceOutputs: ({ request }: Call, reply: Reply) => {
      if (request.getUrn().includes("pulumi:pulumi:Stack")) run.outputs = request.getOutputs().toJavaScript();
      reply(null, new Empty());
    },
    signalAndWaitForShutdown: (_: Call, reply: Reply) => reply(null, new Empty()),
  };
}

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";

function engine(run: ProgramRun): grpc.UntypedServiceImplementation {
  const { SetRootResourceResponse, GetRootResourceResponse } = proto("engine_pb");
  const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
  const error = proto("engine_pb").LogSeverity.ERROR;
  return {
    log: ({ request }: Call, reply: Reply) => {
      if (request.getSeverity() === error) run.errors.push(request.getMessage());
      reply(null, new Empty());
    },
    setRootResource: (_: Call, reply: Reply) => reply(null, new SetRootResourceResponse()),
    getRootResource: (_: Call, reply: Reply) => reply(null, new GetRootResourceResponse()),
  };
}
