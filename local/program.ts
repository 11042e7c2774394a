import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../shared/errors";
import type { Parts } from "./parts";
import type { ProjectConfig } from "./projectConfig";
import { resourceTypes } from "./resources/index";
import { type Created, checkInputs, type Inputs } from "./resources/resourceType";

/** Properties that Pulumi itself puts among the inputs of a resource. */
const INTERNAL = /^__/;

/**
 * Runs the Pulumi program in this process, through the SDK's test monitor, and creates its resources. It can run only
 * once in a process, because Pulumi's runtime has one monitor.
 * @returns the stack outputs, resolved.
 * @throws the first error, with the name of its resource.
 */
export async function runProgram(folder: string, stack: string, config: ProjectConfig, parts: Parts): Promise<Inputs> {
  const failures: unknown[] = [];
  const fail = (error: unknown) => void failures.push(error);
  // The handler stays: a failed program leaves promises of Pulumi's that may reject for as long as the process lives.
  process.on("unhandledRejection", fail);
  pulumi.runtime.setAllConfig(config.values);
  await pulumi.runtime.setMocks(monitor(parts, fail), config.project, stack);
  try {
    const outputs = await outputsOf(() => require(join(folder, "index.ts")), failures);
    if (failures.length > 0) throw failures[0];
    process.off("unhandledRejection", fail);
    return outputs;
  } catch (error) {
    // A message for the user; the CLI, too, would print it without a stack trace.
    if (pulumi.RunError.isInstance(error)) throw new SluiceError("PROGRAM_REFUSED", error.message, { cause: error });
    // Pulumi wraps the cause in its own errors, or replaces it by one without information.
    throw failures[0] ?? error;
  }
}

async function outputsOf(load: () => Inputs, failures: unknown[]): Promise<Inputs> {
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
  return outputs ?? {};
}

function monitor(parts: Parts, fail: (error: unknown) => void): pulumi.runtime.Mocks {
  return {
    async newResource({ type, name, inputs, custom }): Promise<Created> {
      try {
        if (!custom || type === "pulumi:pulumi:Stack") return { id: "", state: inputs };
        return await create(type, name, inputs, parts);
      } catch (error) {
        fail(error);
        throw error;
      }
    },
    call({ token }) {
      if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: parts.accountId };
      const error = new SluiceError("UNKNOWN_CALL", `The local cloud does not answer ${token}.`, { value: token });
      fail(error);
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
