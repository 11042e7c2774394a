/** The common options of all kinds of workers of the queue driver, each with meaning, unit, default and bounds. */
import { boolean, email, type Fields, integer, text } from "../../shared/infra/fields";
import { logFields } from "../../shared/infra/serviceFields";

/**
 * @param speed what one worker does, such as `reads about 400 RCU/s`.
 * @param memory the default in MB, and further text for the description of `memoryMegabytes`.
 */
export function workerFields(speed: string, memory: { readonly default: number; readonly note?: string }) {
  const { note = "" } = memory;
  return {
    maximumConcurrency: integer(`Most worker functions at once; each ${speed}`, {
      default: 16,
      minimum: 2,
      maximum: 1_000,
    }),
    batchSize: integer("Chains that one worker function works on at once", { default: 1, minimum: 1, maximum: 10 }),
    timeoutSeconds: integer("Longest run of a worker before it hands its chain on, in seconds", {
      default: 60,
      minimum: 10,
      maximum: 900,
    }),
    memoryMegabytes: integer(`Memory of a worker, in MB; CPU grows with it${note}`, {
      default: memory.default,
      minimum: 256,
      maximum: 10_240,
    }),
    ...logFields,
    alarms: boolean("Whether CloudWatch alarms watch dead letters, errors and throttles", true),
    alarmEmail: email("Who gets an e-mail for each alarm; empty: nobody"),
  } satisfies Fields;
}

/** An option that lists tables. */
export function tableList(meaning: string) {
  return text(meaning, {
    default: "",
    pattern: /^([\w.-]{3,255}(,[\w.-]{3,255})*)?$/,
    rule: "table names separated by commas, without blanks",
  });
}

/** An option that lists modules by name. @param example of an entry, `name=path`. */
export function moduleList(meaning: string, example: string) {
  return text(meaning, {
    default: "",
    pattern: /^([^=,\s]+=[^=,]+(,[^=,\s]+=[^=,]+)*)?$/,
    rule: `name=path separated by commas, such as ${example}`,
    inBundles: true,
  });
}
