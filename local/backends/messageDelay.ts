import { awsError } from "../gateway/errors";
import { type BackendRequest, type BackendResponse, jsonResponse } from "../gateway/message";
import { jsonOf, requestWith, responseWith } from "../gateway/rewrite";

/** The longest that SQS hides a new message, in seconds (API reference, SendMessage, DelaySeconds). */
const DELAY_SECONDS_MAX = 900;

interface Message {
  Id?: string;
  DelaySeconds?: unknown;
}

interface BatchAnswer {
  Failed?: object[];
}

type Send = (request: BackendRequest) => Promise<BackendResponse>;

/**
 * Sends a request to fauxqs, which takes any delay, but refuses messages whose delay SQS would refuse: a single message
 * with an error, the messages of a batch one by one.
 */
export async function withinDelays(request: BackendRequest, send: Send): Promise<BackendResponse> {
  const action = String(request.headers["x-amz-target"]).split(".")[1];
  if ((action !== "SendMessage" && action !== "SendMessageBatch") || !request.body.includes("DelaySeconds")) {
    return send(request);
  }
  const input = JSON.parse(request.body.toString()) as Message & { Entries?: Message[] };
  if (action === "SendMessage") {
    return isAllowed(input) ? send(request) : awsError("sqs", 400, "InvalidParameterValue", reason(input));
  }
  const entries = input.Entries ?? [];
  const good = entries.filter(isAllowed);
  if (good.length === entries.length) return send(request);
  const refused = entries.filter((entry) => !isAllowed(entry)).map(failure);
  if (good.length === 0) return jsonResponse(200, { Successful: [], Failed: refused });
  const answer = await send(requestWith(request, { ...input, Entries: good }));
  if (answer.status !== 200) return answer;
  const { Failed = [], ...rest } = jsonOf<BatchAnswer>(answer) ?? {};
  return responseWith(answer, { ...rest, Failed: [...Failed, ...refused] });
}

function isAllowed({ DelaySeconds = 0 }: Message): boolean {
  return Number.isInteger(DelaySeconds) && Number(DelaySeconds) >= 0 && Number(DelaySeconds) <= DELAY_SECONDS_MAX;
}

function failure(entry: Message): object {
  return { Id: entry.Id, SenderFault: true, Code: "InvalidParameterValue", Message: reason(entry) };
}

function reason({ DelaySeconds }: Message): string {
  const rule = `Reason: DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`;
  return `Value ${DelaySeconds} for parameter DelaySeconds is invalid. ${rule}`;
}
