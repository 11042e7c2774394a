import { SenderError } from "../../sender/index";
import { SluiceError } from "../../shared/errors";
import { awsSentence, explaining } from "../awsError";

/** An error as the rest of a sentence, without a full stop. */
export function sentenceOf(thrown: unknown): string {
  const error = explaining(thrown);
  const known = error instanceof SluiceError || error instanceof SenderError ? error.message : awsSentence(error);
  return (known ?? (error instanceof Error ? error.message : String(error))).replace(/\.$/, "");
}
