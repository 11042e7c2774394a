import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { SluiceError } from "../../../shared/errors";
import { parseJson } from "../../../shared/json";
import type { StudySecrets } from "./participantToken";

/** Where the study's secrets are: a secret of Secrets Manager, and the client that reads it. */
export interface SecretPlace {
  secretsManager: SecretsManagerClient;
  /** ARN. */
  studySecret: string;
}

/** The secrets, and the version of the secret's value that holds them. */
export interface StoredSecrets {
  secrets: StudySecrets;
  version: string;
}

const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const StudySecretsSchema = v.object({ current: key, previous: v.optional(key) });

/**
 * Reads the study's secrets.
 * @returns undefined if the secret has no value yet, because nobody was enrolled.
 * @throws SluiceError STUDY_SECRET_INVALID if somebody gave it another value; the service's errors.
 */
export async function readSecrets(
  { secretsManager, studySecret }: SecretPlace,
  signal?: AbortSignal,
): Promise<StoredSecrets | undefined> {
  try {
    const command = new GetSecretValueCommand({ SecretId: studySecret });
    const answer = await secretsManager.send(command, signal && { abortSignal: signal });
    return { secrets: parsed(answer.SecretString), version: answer.VersionId ?? "" };
  } catch (error) {
    if ((error as Error).name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** The value itself stays out of the error. */
function parsed(text = ""): StudySecrets {
  const { success, output } = v.safeParse(StudySecretsSchema, parseJson(text));
  if (success) return output;
  const message = 'The study\'s secret must be {"current": …, "previous": …}, each 32 bytes as base64url; it is not.';
  throw new SluiceError("STUDY_SECRET_INVALID", message);
}
