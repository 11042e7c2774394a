import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stop as stopEsbuild } from "esbuild";
import { SluiceError } from "../shared/errors";
import type { Parts } from "./parts";
import type { ProjectConfig } from "./projectConfig";
import { resourceTypes } from "./resources/index";
import { type Created, checkInputs, type Inputs } from "./resources/resourceType";

/** Properties that Pulumi itself puts among the inputs of a resource. */
const INTERNAL = /^__/;

/** How far a program has come. */
interface Course {
  readonly failures: unknown[];
  /** Of resources, under way or ended. */
  readonly creations: Promise<unknown>[];
}

/**
 * Runs the Pulumi program in this process, through the SDK's test monitor, and creates its resources. It can run only
 * once in a process, because Pulumi's runtime has one monitor.
 * @param signal ends the wait for the program.
 * @returns the stack outputs, resolved.
 * @throws the first error, with the name of its resource; the signal's reason. From then on, no resource is created.
 */
export async function runProgram(
  folder: string,
  stack: string,
  config: ProjectConfig,
  parts: Parts,
  signal?: AbortSignal,
): Promise<Inputs> {
  const course: Course = { failures: [], creations: [] };
  const { failures, creations } = course;
  const fail = (error: unknown) => void failures.push(error);
  const abort = () => fail(signal?.reason);
  signal?.addEventListener("abort", abort);
  // The handler stays: a failed program leaves promises of Pulumi's that may reject for as long as the process lives.
  process.on("unhandledRejection", fail);
  pulumi.runtime.setAllConfig(config.values);
  await pulumi.runtime.setMocks(monitor(parts, course), config.project, stack);
  try {
    const outputs = await outputsOf(() => require(join(folder, "index.ts")), failures);
    if (failures.length > 0) throw failures[0];
    process.off("unhandledRejection", fail);
    return outputs;
  } catch (error) {
    await Promise.allSettled(creations);
    // A message for the user; the CLI, too, would print it without a stack trace.
    if (pulumi.RunError.isInstance(error)) throw new SluiceError("PROGRAM_REFUSED", error.message, { cause: error });
    // Pulumi wraps the cause in its own errors, or replaces it by one without information.
    throw failures[0] ?? error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function outputsOf(load: () => Inputs, failures: readonly unknown[]): Promise<Inputs> {
  const finished = runToEnd(load);
  // If a resource fails, its dependents never resolve. So the first failure ends the wait.
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(() => failures.length > 0 && reject(failures[0]), 20);
  });
  return Promise.race([finished, failed]).finally(() => clearInterval(timer));
}

async function runToEnd(load: () => Inputs): Promise<Inputs> {
  const outputs = await pulumi.runtime.runInPulumiStack(async () => load());
  // By now, resources that no output depends on exist as well.
  await pulumi.runtime.disconnect();
  // All functions are bundled. esbuild's process would keep several hundred megabytes for as long as this one lives.
  await stopEsbuild();
  return outputs ?? {};
}

function monitor(parts: Parts, { failures, creations }: Course): pulumi.runtime.Mocks {
  return {
    async newResource({ type, name, inputs, custom }): Promise<Created> {
      if (!custom || type === "pulumi:pulumi:Stack") return { id: "", state: inputs };
      // The local cloud is being stopped.
      if (failures.length > 0) throw failures[0];
      const creation = create(type, name, inputs, parts);
      creations.push(creation);
      try {
        return await creation;
      } catch (error) {
        failures.push(error);
        throw error;
      }
    },
    call({ token }) {
      if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: parts.accountId };
      const error = new SluiceError("UNKNOWN_CALL", `The local cloud does not answer ${token}.`, { value: token });
      failures.push(error);
      throw error;
    },
  };
}

async function create(type: string, name: string, given: Inputs, parts: Parts): Promise<Created> {
  const known = resourceTypes[type];
  if (!known)
    throw new SluiceError("UNKNOWN_RESOURCE_TYPE", `${name}: the local cloud has no ${type}.`, { value: type });
  const inputs = Object.fromEntries(Object.entries(given).filter(([key]) => !INTERNAL.test(key)));
  checkInputs(type, name, known, inputs);
  return known.create({ name, inputs }, parts);
}
