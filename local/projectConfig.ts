import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { parse } from "yaml";
import { whyUnreadable } from "../cli/whyUnreadable";
import { SluiceError } from "../shared/errors";

/** Folder of Sluice's own Pulumi project. */
export const OWN_PROJECT = resolve(__dirname, "..");

const ProjectFile = v.object({
  name: v.string(),
  config: v.nullish(v.record(v.string(), v.unknown())),
});
type ProjectFile = v.InferOutput<typeof ProjectFile>;

export interface ProjectConfig {
  project: string;
  /** Full keys (`sluice:…`, `aws:…`) and their values as text, as the Pulumi CLI passes them to a program. */
  values: Record<string, string>;
}

/**
 * The config that the CLI would make from Pulumi.yaml's defaults and the stack's file, with overrides last.
 * @throws SluiceError BAD_OPTION if the folder has no project, UNKNOWN_STACK if the stack has no file.
 */
export async function readProjectConfig(
  folder: string,
  stack: string,
  overrides: Record<string, string> = {},
): Promise<ProjectConfig> {
  const project = await readProject(folder);
  const stackFile = await readFile(join(folder, `Pulumi.${stack}.yaml`), "utf8").catch(() => {
    throw new SluiceError("UNKNOWN_STACK", `There is no Pulumi.${stack}.yaml for stack ${stack}.`, { value: stack });
  });
  const fullKey = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const values: Record<string, string> = {};
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const { default: value } = (declared ?? {}) as { readonly default?: unknown };
    if (value !== undefined) values[fullKey(key)] = asText(value);
  }
  // A file with only comments is null in YAML.
  const { config } = (parse(stackFile) ?? {}) as { config?: Record<string, unknown> | null };
  for (const [key, value] of Object.entries({ ...config, ...overrides })) values[fullKey(key)] = asText(value);
  return { project: project.name, values };
}

async function readProject(folder: string): Promise<ProjectFile> {
  const path = join(folder, "Pulumi.yaml");
  const refuse = (why: string, cause: unknown): never => {
    throw new SluiceError("BAD_OPTION", `A Pulumi project is needed, but ${path} ${why}.`, { value: folder, cause });
  };
  const text = await readFile(path, "utf8").catch((error) => refuse(whyUnreadable(error), error));
  try {
    return v.parse(ProjectFile, parse(text));
  } catch (error) {
    return refuse("is not a project's file", error);
  }
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
