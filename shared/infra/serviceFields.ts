/** The common options of all services. */
import { choice, type Fields, integer, type Problem } from "./fields";

/** The retention periods that CloudWatch Logs knows, in days. 0 keeps logs for ever. */
const LOG_RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logFields = {
  logRetentionDays: integer("Days for which logs are kept; 0 keeps them for ever", {
    default: 30,
    minimum: 0,
    maximum: 3653,
    oneOf: LOG_RETENTION_DAYS,
  }),
  logLevel: choice("Least severe log lines that are written", ["INFO", "DEBUG", "WARN", "ERROR"]),
} satisfies Fields;

/** The problem of an address for alarms without alarms. */
export function emailWithoutAlarms({ alarms, alarmEmail }: { alarms: boolean; alarmEmail: string }): Problem[] {
  if (alarms || alarmEmail === "") return [];
  const rule = "must be empty while alarms are off";
  return [{ code: "EMAIL_WITHOUT_ALARMS", option: "alarmEmail", rule, value: alarmEmail }];
}

/**
 * The pattern of a service's name. Names of buckets and roles are built from it: S3 takes only lower case, and IAM at most 64
 * characters.
 */
export function nameProblems(name: string): Problem[] {
  if (/^[a-z][a-z0-9-]{0,34}$/.test(name)) return [];
  const rule = "must be 1 to 35 lower-case letters, digits and hyphens, a letter first";
  return [{ code: "INVALID_NAME", option: "name", rule, value: name }];
}
