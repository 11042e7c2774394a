import * as pulumi from "@pulumi/pulumi";
import {
  checkFields,
  type Field,
  type Fields,
  type Problem,
  parseField,
  sentence,
  type Values,
  withDefaults,
} from "./fields";

/** All problems of the stack's config at once. A RunError, so that the CLI prints it without a stack trace. */
export class ConfigError extends pulumi.RunError {
  readonly code = "INVALID_CONFIG";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const heading = `The config of stack ${pulumi.getStack()} has ${problems.length} problem(s):`;
    super([heading, ...problems.map((problem) => `  - ${sentence(problem)}`)].join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads this project's config. Collects problems instead of throwing at the first; {@link ConfigReader.finish} throws
 * them together. Keys are flat: the CLI reads a dot in a key that Pulumi.yaml declares as a path into an object.
 *
 * Only text that can be kept secret may be set with `--secret` (see secrets.ts). For numbers and choices it is a problem,
 * because they determine resources and sizes, which the stack's state shows. No problem's text shows a secret.
 */
export class ConfigReader {
  readonly problems: Problem[] = [];
  /** The values that were set with `--secret`. */
  readonly secrets: string[] = [];
  readonly #namespace = `${pulumi.getProject()}:`;
  readonly #texts = pulumi.runtime.allConfig();
  readonly #known = new Set<string>();

  /** The values of one table of fields; the key of a field is its name after the prefix, in camel case. */
  read<F extends Fields>(fields: F, prefix = "", contradictions?: (values: Values<F>) => Problem[]): Values<F> {
    const given: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      const key = configKey(prefix, name);
      this.#known.add(key);
      const text = this.#texts[this.#namespace + key];
      if (text === undefined) continue;
      if (this.#isSecret(key) && !this.#canKeep(field, key, text)) continue;
      given[name] = parseField(field, text);
    }
    const values = withDefaults(fields, given as Partial<Values<F>>);
    const optionOf = (name: string) => configKey(prefix, name);
    const problems = checkFields(fields, values, optionOf);
    this.#report(problems);
    // Contradictions between values are checked only if each value is valid by itself.
    if (problems.length === 0) {
      for (const problem of contradictions?.(values) ?? []) {
        this.#report([{ ...problem, option: optionOf(problem.option) }]);
      }
    }
    return values;
  }

  /** @param option a key, or a part of its value: `scannerOperations.histogram` */
  #isSecret(option: string): boolean {
    return isConfigSecret(this.#namespace + option.split(".", 1)[0]);
  }

  /** Records a secret, or the problem that it can't be kept. */
  #canKeep(field: Field, key: string, text: string): boolean {
    if (field.kind === "text" && field.inBundles !== true) {
      this.secrets.push(text);
      return true;
    }
    const rule = "can't be kept secret, because it decides what is created: set it without --secret";
    this.#report([{ code: "SECRET_UNKEPT", option: key, rule, value: text }]);
    return false;
  }

  #report(problems: readonly Problem[]): void {
    this.problems.push(
      ...problems.map((problem) => (this.#isSecret(problem.option) ? { ...problem, value: "a secret" } : problem)),
    );
  }

  /** Reports keys of this project that no table declares, and throws a {@link ConfigError} if there is any problem. */
  finish(): void {
    for (const [fullKey, value] of Object.entries(this.#texts)) {
      const key = fullKey.slice(this.#namespace.length);
      if (!fullKey.startsWith(this.#namespace) || this.#known.has(key)) continue;
      this.#report([{ code: "UNKNOWN_KEY", option: key, rule: "is not an option of this project", value }]);
    }
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }
}

/** Whether a key was set with `--secret`. This function is internal to the SDK, which offers no public one. */
function isConfigSecret(fullKey: string): boolean {
  const runtime = pulumi.runtime as typeof pulumi.runtime & { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(fullKey);
}

/** `configKey("ingest", "batchSize")` is `ingestBatchSize`. */
export function configKey(prefix: string, name: string): string {
  return prefix === "" ? name : prefix + name[0]?.toUpperCase() + name.slice(1);
}

/** The names in a text, separated by commas, each once. */
export function namesIn(text: string): string[] {
  return text === "" ? [] : [...new Set(text.split(","))];
}
