/** Enrols participants, and changes the secrets that their tokens are made with. */
import { createHash } from "node:crypto";
import { PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { SluiceError } from "../../../shared/errors";
import { participantToken, type StudySecrets } from "../tokens/participantToken";
import { readSecrets, type SecretPlace, type StoredSecrets } from "../tokens/studySecrets";
import type { Desk } from "./desk";

/** A participant's token. Anybody who has it can send answers under this `user_id`. */
export interface Enrolled {
  user_id: string;
  token: string;
}

/** Makes 32 random bytes. They must come from a cryptographic source, as `crypto.randomBytes` does. */
export type NewKey = () => Buffer;

/**
 * Makes the tokens of participants. The same participant gets the same token until the secrets are rotated. The first time it
 * makes the study's secret.
 * @throws SluiceError TOKENS_OFF
 */
export async function enroll(desk: Desk, userIds: readonly string[], newKey: NewKey): Promise<Enrolled[]> {
  const { current } = await secretsOrFirst(desk, newKey);
  return userIds.map((user_id) => ({ user_id, token: participantToken(current, user_id) }));
}

/**
 * Makes the function that gives each participant's token.
 * @throws SluiceError TOKENS_OFF; NO_SECRETS if nobody was enrolled yet.
 */
export async function tokensOf(desk: Desk): Promise<(userId: string) => string> {
  const { current } = (await storedSecrets(desk)).secrets;
  return (userId) => participantToken(current, userId);
}

/**
 * Makes a new secret. The former one stays valid beside it.
 * @throws SluiceError TOKENS_OFF; NO_SECRETS; PREVIOUS_VALID if the secret before the last rotation is still valid;
 *   SECRETS_CHANGED.
 */
export async function rotateSecrets(desk: Desk, newKey: NewKey): Promise<void> {
  const stored = await storedSecrets(desk);
  if (stored.secrets.previous !== undefined) {
    const message =
      "The secret before the last rotation is still valid. Retire it first (`intake tokens retire`): its tokens become invalid then.";
    throw new SluiceError("PREVIOUS_VALID", message);
  }
  await change(desk, stored, { current: textOf(newKey()), previous: stored.secrets.current });
}

/**
 * Drops the secret before the last rotation, so that its tokens become invalid.
 * @throws SluiceError TOKENS_OFF; NO_SECRETS; NOTHING_TO_RETIRE; SECRETS_CHANGED.
 */
export async function retirePrevious(desk: Desk): Promise<void> {
  const stored = await storedSecrets(desk);
  const { current, previous } = stored.secrets;
  if (previous === undefined) {
    const message = "There is only one secret: it hasn't been rotated since the last retirement.";
    throw new SluiceError("NOTHING_TO_RETIRE", message);
  }
  await change(desk, stored, { current });
}

async function secretsOrFirst(desk: Desk, newKey: NewKey): Promise<StudySecrets> {
  const known = await read(desk);
  if (known !== undefined) return known.secrets;
  try {
    const first = { current: textOf(newKey()) };
    await change(desk, undefined, first);
    return first;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "SECRETS_CHANGED") throw error;
    // Somebody else made the first one meanwhile.
    return (await storedSecrets(desk)).secrets;
  }
}

async function storedSecrets(desk: Desk): Promise<StoredSecrets> {
  const stored = await read(desk);
  if (stored !== undefined) return stored;
  const message = "The study has no secret yet: `intake enroll` makes it, together with the first token.";
  throw new SluiceError("NO_SECRETS", message);
}

function read(desk: Desk): Promise<StoredSecrets | undefined> {
  const place = placeOf(desk);
  return desk.retry(() => readSecrets(place));
}

/**
 * Replaces the secrets that were read. The new version's id is derived from the former one's. So if two people change them
 * at once, only one succeeds, and a call that is repeated after a lost answer changes them once.
 */
async function change(desk: Desk, before: StoredSecrets | undefined, secrets: StudySecrets): Promise<void> {
  const { secretsManager, studySecret } = placeOf(desk);
  const put = new PutSecretValueCommand({
    SecretId: studySecret,
    SecretString: JSON.stringify(secrets),
    ClientRequestToken: createHash("sha256")
      .update(`after ${before?.version ?? ""}`)
      .digest("hex"),
  });
  try {
    await desk.retry(() => secretsManager.send(put));
  } catch (error) {
    if ((error as Error).name !== "ResourceExistsException") throw error;
    const message = "Somebody else changed the study's secrets at the same time, so nothing was changed. Try again.";
    throw new SluiceError("SECRETS_CHANGED", message, { cause: error });
  }
}

function placeOf({ secrets }: Desk): SecretPlace {
  if (secrets !== undefined) return secrets;
  const message =
    "This stack requires no tokens. Set ingestParticipantTokens to required and run `pulumi up`; docs/security.md explains when.";
  throw new SluiceError("TOKENS_OFF", message);
}

function textOf(key: Buffer): string {
  return key.toString("base64url");
}
