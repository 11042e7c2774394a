/**
 * The options of the shuffle service, each with meaning, unit, default and bounds. In Pulumi config, the key is `shuffle` and
 * the option's name: `pulumi config set shuffleMaximumConcurrency 100`.
 */
import type { ConfigReader } from "../../shared/infra/config";
import { boolean, email, type Fields, integer, type Problem, type Values } from "../../shared/infra/fields";
import { emailWithoutAlarms, logFields } from "../../shared/infra/serviceFields";
import { scheduleFields, scheduleProblems } from "./schedule";

export const shuffleFields = {
  maximumConcurrency: integer(
    "Most units that a job of the workflow driver works on at once; 0: there is no workflow",
    {
      default: 16,
      minimum: 0,
      maximum: 10_000,
    },
  ),
  timeoutSeconds: integer("Longest run of a worker before the state machine calls it again, in seconds", {
    default: 60,
    minimum: 10,
    maximum: 900,
  }),
  memoryMegabytes: integer("Memory of a worker, in MB; CPU grows with it", {
    default: 512,
    minimum: 256,
    maximum: 10_240,
  }),
  tracing: boolean("Whether X-Ray traces executions", false),
  ...scheduleFields,
  ...logFields,
  alarms: boolean("Whether CloudWatch alarms watch executions that end badly, throttles and the schedule", true),
  alarmEmail: email("Who gets an e-mail for each alarm; empty: nobody"),
} satisfies Fields;

export type ShuffleSettings = Values<typeof shuffleFields>;

/** Reads `shuffle…` from the stack's config; problems stay in the reader. */
export function readShuffleSettings(reader: ConfigReader): ShuffleSettings {
  return reader.read(shuffleFields, "shuffle", (settings) => [
    ...shuffleProblems(settings),
    ...(settings.maximumConcurrency === 0 ? scheduleWithoutWorkflow(settings) : []),
  ]);
}

/** Contradictions between settings that are each valid. */
export function shuffleProblems(settings: ShuffleSettings): Problem[] {
  return [...emailWithoutAlarms(settings), ...scheduleProblems(settings)];
}

function scheduleWithoutWorkflow({ schedule }: ShuffleSettings): Problem[] {
  if (schedule === "") return [];
  const rule = "must be empty while there is no workflow (shuffleMaximumConcurrency is 0)";
  return [{ code: "SCHEDULE_WITHOUT_WORKFLOW", option: "schedule", rule, value: schedule }];
}
