import { InvokeCommand, type LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import * as v from "valibot";
import { SluiceError } from "../shared/errors";
import type { StartAnswer, StartRefusal } from "../shared/jobs/startFunction";
import type { ResumeRequest, StartRequest } from "../shared/jobs/startRequest";

const Answer = v.object({
  job: v.string(),
  state: v.string(),
  units: v.number(),
  limits: v.array(
    v.object({
      direction: v.picklist(["read", "write"]),
      table: v.string(),
      limits: v.object({ table: v.number(), indexes: v.exactOptional(v.record(v.string(), v.number())) }),
    }),
  ),
  startedBefore: v.exactOptional(v.literal(true)),
  warnings: v.exactOptional(v.array(v.string())),
});
const Refusal = v.object({ code: v.string(), problems: v.array(v.string()) });

/**
 * Invokes the start function and waits for its answer.
 *
 * @throws SluiceError `NO_START_FUNCTION`, `START_FAILED` (it ended with an error), `START_ANSWER_INVALID`, or the
 *   SDK's error
 */
export async function invokeStart(
  client: Pick<LambdaClient, "send">,
  name: string,
  request: StartRequest | ResumeRequest,
): Promise<StartAnswer | StartRefusal> {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) });
  const { FunctionError, Payload } = await client.send(command).catch((cause) => {
    if (!(cause instanceof ResourceNotFoundException)) throw cause;
    const message = `There is no function ${name}, though the stack's outputs name it: run \`pulumi up\` again.`;
    throw new SluiceError("NO_START_FUNCTION", message, { value: name, cause });
  });
  const answer = parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) throw failure(name, answer);
  const accepted = v.safeParse(Answer, answer);
  if (accepted.success) return accepted.output;
  const refused = v.safeParse(Refusal, answer);
  if (refused.success) return refused.output;
  const message = `Function ${name} did not return a start function's answer, got ${JSON.stringify(answer)}.`;
  throw new SluiceError("START_ANSWER_INVALID", message, { value: answer });
}

export function isRefusal(answer: StartAnswer | StartRefusal): answer is StartRefusal {
  return "problems" in answer;
}

/** The function may have done part of its work, so the sentence points to the list of jobs. */
function failure(name: string, answer: unknown): SluiceError {
  const { errorType, errorMessage } = (answer ?? {}) as { errorType?: string; errorMessage?: string };
  const reason = [errorType, errorMessage].filter(Boolean).join(": ").replaceAll(/\s+/g, " ") || "no reason given";
  const message = `Function ${name} failed (${reason}). Its log has more; \`jobs list\` shows whether the job exists.`;
  return new SluiceError("START_FAILED", message, { value: answer });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
