import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { SluiceError } from "../shared/errors";

interface ProjectFile {
  name: string;
  config?: Record<string, { default?: unknown } | undefined>;
}

export interface ProjectConfig {
  project: string;
  /** Full keys (`sluice:…`, `aws:…`) and their values as text, as the Pulumi CLI passes them to a program. */
  values: Record<string, string>;
}

/**
 * The config that the CLI would make from Pulumi.yaml's defaults and the stack's file, with overrides last.
 * @throws SluiceError UNKNOWN_STACK if the stack has no file.
 */
export async function readProjectConfig(
  folder: string,
  stack: string,
  overrides: Record<string, string> = {},
): Promise<ProjectConfig> {
  const project = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as ProjectFile;
  const stackFile = await readFile(join(folder, `Pulumi.${stack}.yaml`), "utf8").catch(() => {
    throw new SluiceError("UNKNOWN_STACK", `There is no Pulumi.${stack}.yaml for stack ${stack}.`, { value: stack });
  });
  const fullKey = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const values: Record<string, string> = {};
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    if (declared?.default !== undefined) values[fullKey(key)] = asText(declared.default);
  }
  // A file with only comments is null in YAML.
  const { config } = (parse(stackFile) ?? {}) as { config?: Record<string, unknown> | null };
  for (const [key, value] of Object.entries({ ...config, ...overrides })) values[fullKey(key)] = asText(value);
  return { project: project.name, values };
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
