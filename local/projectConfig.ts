import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { checkStackName } from "../cli/stackName";
import { whyUnreadable } from "../cli/whyUnreadable";
import { SluiceError } from "../shared/errors";
import { parseMapping, YamlProblem } from "./yamlFile";

/** Folder of Sluice's own Pulumi project. */
export const OWN_PROJECT = resolve(__dirname, "..");

const Project = v.object({
  name: v.pipe(v.string(), v.nonEmpty()),
  config: v.nullish(v.record(v.string(), v.unknown())),
});
type Project = v.InferOutput<typeof Project>;

export interface ProjectConfig {
  project: string;
  /** Full keys (`sluice:…`, `aws:…`) and their values as text, as the Pulumi CLI passes them to a program. */
  values: Record<string, string>;
}

/**
 * The config that the CLI would make from Pulumi.yaml's defaults and the stack's file, with overrides last.
 * @throws SluiceError BAD_OPTION if the folder has no project, UNKNOWN_STACK if `stack` can't be a stack's name or has no
 * file, INVALID_CONFIG if its file can't be used
 */
export async function readProjectConfig(
  folder: string,
  stack: string,
  overrides: Record<string, string> = {},
): Promise<ProjectConfig> {
  const project = await readProject(folder);
  const stackValues = await readStack(folder, stack);
  const fullKey = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const values: Record<string, string> = {};
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const { default: value } = (declared ?? {}) as { readonly default?: unknown };
    if (value !== undefined) values[fullKey(key)] = asText(value);
  }
  for (const [key, value] of Object.entries({ ...stackValues, ...overrides })) values[fullKey(key)] = asText(value);
  return { project: project.name, values };
}

async function readProject(folder: string): Promise<Project> {
  const path = join(folder, "Pulumi.yaml");
  const refuse = (why: string, cause: unknown): never => {
    throw new SluiceError("BAD_OPTION", `A Pulumi project is needed, but ${path} ${why}.`, { value: folder, cause });
  };
  const text = await readFile(path, "utf8").catch((error) => refuse(whyUnreadable(error), error));
  try {
    return v.parse(Project, parseMapping(text, ["config"]));
  } catch (error) {
    return refuse(error instanceof YamlProblem ? error.message : "has no `name`", error);
  }
}

/** The stack's own values, as they stand in its file. */
async function readStack(folder: string, stack: string): Promise<Record<string, unknown>> {
  checkStackName(stack);
  const path = join(folder, `Pulumi.${stack}.yaml`);
  const text = await readFile(path, "utf8").catch((cause) => {
    const message = `Stack ${stack} needs the file ${path}, but it ${whyUnreadable(cause)}.`;
    throw new SluiceError("UNKNOWN_STACK", message, { value: stack, cause });
  });
  try {
    const { config } = parseMapping(text, ["config"]) as { config?: Record<string, unknown> | null };
    return config ?? {};
  } catch (cause) {
    if (!(cause instanceof YamlProblem)) throw cause;
    throw new SluiceError("INVALID_CONFIG", `${path} ${cause.message}. Correct the file, and try again.`, {
      value: stack,
      cause,
    });
  }
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
