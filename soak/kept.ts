/** Finds the body that was counted, and the submission and the participant of a body. */
import { createHash } from "node:crypto";
import type { StoredMarker } from "../local/ingestState";
import type { Expectation } from "./expectation";
import type { Accepted } from "./judgeBody";

export interface KeptBody {
  text: string;
  accepted: Accepted;
}

/** The body that each submission's marker names, by the submission's id; none if nobody sent such a body. */
export function keptBodies({ submissions }: Expectation, markers: readonly StoredMarker[]): Map<string, KeptBody> {
  const kept = new Map<string, KeptBody>();
  for (const { submission, sha256 } of markers) {
    for (const [text, accepted] of submissions.get(submission) ?? []) {
      if (createHash("sha256").update(text).digest("base64") === sha256) kept.set(submission, { text, accepted });
    }
  }
  return kept;
}

/** The submission of each body that could be accepted. */
export function idsOf({ submissions }: Expectation): Map<string, string> {
  return new Map([...submissions].flatMap(([id, bodies]) => [...bodies.keys()].map((text) => [text, id] as const)));
}

/** The participant that a body names, if it is a valid one. */
export function userOf(text: string): string | undefined {
  let user: unknown;
  try {
    user = (JSON.parse(text) as { user_id?: unknown } | null)?.user_id;
  } catch {
    return undefined;
  }
  return typeof user === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(user) ? user : undefined;
}
