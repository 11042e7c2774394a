import { SenderError } from "../../sender/index";
import { SluiceError } from "../../shared/errors";
import { awsSentence } from "../awsError";

/** An error as the rest of a sentence, without a full stop. */
export function sentenceOf(error: unknown): string {
  const known = error instanceof SluiceError || error instanceof SenderError ? error.message : awsSentence(error);
  return (known ?? (error instanceof Error ? error.message : String(error))).replace(/\.$/, "");
}
