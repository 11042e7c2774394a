import { withConfigValue } from "../../local/configOption";
import type { backfillFields } from "../../services/backfill/config";
import type { scannerFields } from "../../services/scanner/config";
import { configKey } from "../../shared/infra/config";

const SCANNER_LISTS = ["tables", "operations"] satisfies (keyof typeof scannerFields)[];
const BACKFILL_LISTS = ["tables", "updates"] satisfies (keyof typeof backfillFields)[];

/** Options with lists as values, so that one command can have the values of several blocks. */
const LISTS = new Set([
  ...SCANNER_LISTS.map((name) => configKey("scanner", name)),
  ...BACKFILL_LISTS.map((name) => configKey("backfill", name)),
]);

/** The arguments of `npm run local`. */
export interface LocalOptions {
  config: Record<string, string>;
  /** All other arguments, as they are. */
  others: string[];
}

/** Takes the arguments of `npm run local --` apart. @throws InvalidArgumentError for a config that is not key=value */
export function localOptions(args: readonly string[]): LocalOptions {
  const options: LocalOptions = { config: {}, others: [] };
  for (let at = 0; at < args.length; at++) {
    if (args[at] !== "--config") options.others.push(args[at]!);
    else options.config = withConfigValue(args[++at] ?? "", options.config);
  }
  return options;
}

/** One command with the options of all of them. @throws Error if two of them contradict each other */
export function merged(all: readonly LocalOptions[]): LocalOptions {
  const config: Record<string, string> = {};
  for (const [key, value] of all.flatMap((options) => Object.entries(options.config))) {
    const before = config[key];
    if (before !== undefined && before !== value && !LISTS.has(key)) {
      throw new Error(`Two code blocks run the local cloud with ${key}: ${before}, and ${value}.`);
    }
    config[key] = before === undefined ? value : [...new Set([...before.split(","), ...value.split(",")])].join(",");
  }
  return { config, others: [...new Set(all.flatMap(({ others }) => others))] };
}
