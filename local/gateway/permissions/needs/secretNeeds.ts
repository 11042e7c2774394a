import type { Call } from "../../call";
import type { Need } from "./need";

const SECRET_CALLS: readonly string[] = ["GetSecretValue", "PutSecretValue"];

/**
 * The permission that a call of Secrets Manager needs; undefined for calls that are not in the list above, and for a secret's
 * plain name.
 */
export function secretNeeds({ action, input }: Pick<Call, "action" | "input">): Need[] | undefined {
  const resource = String(input.SecretId);
  if (!SECRET_CALLS.includes(action) || !resource.startsWith("arn:")) return undefined;
  return [{ action: `secretsmanager:${action}`, resource, context: {} }];
}
