/**
 * Participants' tokens: each proves that its holder was enrolled under one `user_id`. Pure.
 *
 * A token is `v1.` and the HMAC-SHA-256 of the `user_id` under one of the study's secrets, as base64url.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The message attribute that a token travels in. The body stays unchanged. */
export const TOKEN_ATTRIBUTE = "participant_token";

/** 256 bits are 43 characters of base64url. */
const TOKEN = /^v1\.[A-Za-z0-9_-]{43}$/;

/** The secrets that tokens are made with. During a rotation the tokens of both secrets are valid. */
export interface StudySecrets {
  /** 32 random bytes, as base64url. New tokens are made with it. */
  current: string;
  /** The former secret. */
  previous?: string | undefined;
}

/** @param secret 32 bytes, as base64url. */
export function participantToken(secret: string, userId: string): string {
  const hmac = createHmac("sha256", Buffer.from(secret, "base64url")).update(userId);
  return `v1.${hmac.digest("base64url")}`;
}

/** Whether a text has the form of a token, of any participant. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a token is this participant's. The time that the answer takes doesn't depend on the right token. */
export function provesParticipant(token: string, userId: string, { current, previous }: StudySecrets): boolean {
  if (!isToken(token)) return false;
  const given = Buffer.from(token);
  const secrets = previous === undefined ? [current] : [current, previous];
  // Every secret is tried, so that the duration doesn't show which one matched.
  const matches = secrets.map((secret) => timingSafeEqual(given, Buffer.from(participantToken(secret, userId))));
  return matches.includes(true);
}
