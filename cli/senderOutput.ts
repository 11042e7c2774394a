import * as v from "valibot";
import { createSender, type ParticipantToken, type Sender } from "../sender/index";
import { SluiceError } from "../shared/errors";
import type { StackOutput } from "./stackOutputs";

const SenderOutput = v.object({
  queueUrl: v.pipe(v.string(), v.url()),
  region: v.optional(v.string()),
});

/**
 * The sender for a stack's output `sender`. An operator sends with credentials of their own (the local cloud's, or what
 * the AWS SDK finds), not as a guest: the part of the output about guest access is for the app.
 *
 * @param participantToken where the stack requires tokens. Default: none.
 * @throws SluiceError `SENDER_OUTPUT_INVALID`
 */
export function senderOf(
  { value, endpoint, region, credentials }: StackOutput,
  stack: string,
  participantToken?: ParticipantToken,
): Sender {
  const parsed = v.safeParse(SenderOutput, value);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`).join("; ");
    throw new SluiceError("SENDER_OUTPUT_INVALID", `Output sender of stack ${stack} is wrong: ${problems}.`, { value });
  }
  const { queueUrl, region: queueRegion } = parsed.output;
  return createSender({ queueUrl, region: queueRegion ?? region }, { endpoint, credentials, participantToken });
}
