import { SenderError } from "./errors";
import type { Letter } from "./letter";

/** A token for one participant, or a function from `user_id` to token for several. */
export type ParticipantToken = string | ((userId: string) => string | Promise<string>);

/** Loose enough for tokens of later versions, but strict enough for a message attribute. */
const TOKEN = /^[\w.-]{1,256}$/;

export function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/**
 * The letter with its participant's token, only for sending to the queue.
 *
 * @throws SenderError `NO_TOKEN` if the app's function fails or returns none; the letter may be sent later
 */
export async function withToken<L extends Letter>(letter: L, given: ParticipantToken | undefined): Promise<L> {
  if (given === undefined) return letter;
  if (typeof given === "string") return { ...letter, token: given };
  const { user_id: userId } = JSON.parse(letter.text) as { user_id?: unknown };
  // Without a participant the survey is rejected anyway, with or without a token.
  if (typeof userId !== "string") return letter;
  let token: unknown;
  try {
    token = await given(userId);
  } catch (error) {
    throw noToken("failed", error);
  }
  if (!isToken(token)) throw noToken("returned no token");
  return { ...letter, token };
}

/** The function's error is only the cause, because its message might hold the token. */
function noToken(what: string, cause?: unknown): SenderError {
  return new SenderError("NO_TOKEN", `The function participantToken ${what}.`, { retryable: true, cause });
}
