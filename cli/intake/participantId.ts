import { InvalidArgumentError } from "commander";
import { checkParticipant } from "../../services/ingest/desk/participant";

/** Parses an argument or option that is a participant's id. */
export function participantId(text: string): string {
  try {
    return checkParticipant(text);
  } catch {
    throw new InvalidArgumentError("must be 1 to 64 letters, digits, _ or -");
  }
}
