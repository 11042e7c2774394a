import { OWN_PROJECT, readProjectConfig } from "../../local/projectConfig";
import { type IngestSettings, ingestFields } from "../../services/ingest/config";
import { contradictions } from "../../services/ingest/contradictions";
import { SluiceError } from "../../shared/errors";
import { configKey } from "../../shared/infra/config";
import { checkFields, type Fields, parseField, sentence, type Values, withDefaults } from "../../shared/infra/fields";
import { type ProgramSettings, programFields } from "../../shared/infra/program";

/** The settings that `pulumi up` would derive from a stack's config. */
export type StackSettings = IngestSettings & ProgramSettings;

/**
 * The settings of a stack: defaults of Pulumi.yaml under its own file, overridden last.
 * @param overrides by config key, such as `ingestMaximumConcurrency`.
 * @throws SluiceError UNKNOWN_STACK; INVALID_CONFIG with every problem.
 */
export async function stackSettings(stack: string, overrides: Record<string, string> = {}): Promise<StackSettings> {
  const { project, values } = await readProjectConfig(OWN_PROJECT, stack, overrides);
  const ingest = read(ingestFields, "ingest", project, values);
  const program = read(programFields, "", project, values);
  const problems = [
    ...checkFields(ingestFields, ingest, (name) => configKey("ingest", name)),
    ...checkFields(programFields, program),
    ...contradictions(ingest),
  ];
  const known = new Set([
    ...Object.keys(programFields),
    ...Object.keys(ingestFields).map((name) => configKey("ingest", name)),
  ]);
  const unknown = Object.keys(overrides).filter((key) => !known.has(key));
  const all = [...problems.map(sentence), ...unknown.map((key) => `${key} is not an option of this project.`)];
  if (all.length > 0) throw new SluiceError("INVALID_CONFIG", all.join(" "), { value: overrides });
  return { ...ingest, ...program };
}

function read<F extends Fields>(fields: F, prefix: string, project: string, texts: Record<string, string>): Values<F> {
  const given = Object.entries(fields).flatMap(([name, field]) => {
    const text = texts[`${project}:${configKey(prefix, name)}`];
    return text === undefined ? [] : [[name, parseField(field, text)]];
  });
  return withDefaults(fields, Object.fromEntries(given) as Partial<Values<F>>);
}
