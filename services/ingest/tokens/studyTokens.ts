import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientSettings, withoutLog } from "../../../shared/aws/clients";
import { retryTransient } from "../../../shared/aws/transient";
import { readSecrets } from "./studySecrets";
import { TokenCheck } from "./tokenCheck";

/**
 * The check of a function's messages. A separate file, so that functions of a stack without tokens never evaluate it.
 * @param studySecret ARN of the secret.
 */
export function studyTokens(studySecret: string): TokenCheck {
  const place = { secretsManager: withoutLog(new SecretsManagerClient(clientSettings)), studySecret };
  const read = async (signal: AbortSignal) => (await retryTransient(() => readSecrets(place, signal), signal))?.secrets;
  return new TokenCheck({ read, now: Date.now });
}
