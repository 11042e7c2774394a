import type { Call } from "../../call";
import { logGroupName } from "../../logGroupName";
import { arnOf, type Need, type Place } from "./need";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export function logNeeds({ action, input }: Pick<Call, "action" | "input">, place: Place): Need[] | undefined {
  const need = (resource: string) => [{ action: `logs:${action}`, resource, context: {} }];
  // The list of groups is about no group.
  if (action === "DescribeLogGroups") return need("*");
  return action === "FilterLogEvents" ? need(arnOf("logs", place, `log-group:${logGroupName(input)}:*`)) : undefined;
}
