import { classify, classifyEntry } from "./classify";
import { SenderError } from "./errors";
import { classicFlow, type GuestProvider, guestCredentials } from "./guestCredentials";
import type { Letter } from "./letter";
import type { ResolvedOptions } from "./options";
import type { Queue } from "./queueUrl";
import { type OutgoingMessage, openSqs } from "./sqs";

/** SQS's answer about one entry of a batch. */
export type EntryAnswer = { messageId: string } | { error: SenderError };

/** The content of a message: a body, and its participant's token. */
export type Outgoing = Pick<Letter, "text" | "token">;

/** One try of one request; every failure is a classified {@link SenderError}. */
export interface Transport {
  /** Sends one letter. @returns the id that SQS gave the message */
  send(letter: Outgoing, signal: AbortSignal): Promise<string>;
  /** Sends up to 10 letters, 1 MiB together. @returns an answer for each, in the same order */
  sendBatch(letters: readonly Outgoing[], signal: AbortSignal): Promise<EntryAnswer[]>;
  /** Closes the connections, unless the client is the caller's own. */
  close(): void;
}

/** The way to one queue: one client and its connections, used for all surveys. */
export function sqsTransport(queue: Queue, options: ResolvedOptions): Transport {
  const guest = guestProvider(queue, options);
  const sqs = openSqs(queue, options, guest);
  const call = <T>(request: Promise<T>): Promise<T> =>
    request.catch((error) => {
      throw renewable(classify(error), guest);
    });
  return {
    async send(letter, signal) {
      const { MessageId } = await call(sqs.sendMessage(messageOf(letter), signal));
      if (MessageId === undefined) throw noAnswer();
      return MessageId;
    },
    async sendBatch(letters, signal) {
      const entries = letters.map((letter, index) => ({ Id: String(index), ...messageOf(letter) }));
      const { Successful = [], Failed = [] } = await call(sqs.sendMessageBatch(entries, signal));
      return entries.map(({ Id }): EntryAnswer => {
        const messageId = Successful.find((entry) => entry.Id === Id)?.MessageId;
        if (messageId !== undefined) return { messageId };
        const failed = Failed.find((entry) => entry.Id === Id);
        // An entry that the answer does not mention has not been confirmed: it counts as not sent.
        if (failed === undefined) return { error: noAnswer() };
        return { error: classifyEntry(failed.Code ?? "Unknown", failed.Message ?? "", failed.SenderFault ?? false) };
      });
    },
    close: sqs.close,
  };
}

function messageOf({ text, token }: Outgoing): OutgoingMessage {
  if (token === undefined) return { MessageBody: text };
  const attribute = { DataType: "String", StringValue: token };
  return { MessageBody: text, MessageAttributes: { participant_token: attribute } };
}

function guestProvider(queue: Queue, options: ResolvedOptions): GuestProvider | undefined {
  if (options.guest === undefined || options.credentials !== undefined) return undefined;
  // If the queue is not at AWS, Cognito and STS aren't either: the local cloud has one endpoint for all.
  const flow = classicFlow(options.guest.identityPoolId, queue.endpoint);
  return guestCredentials(options.guest, flow, options.clock, options.guestStorage);
}

/** Expired guest credentials are worth another try, with new ones. */
function renewable(failure: SenderError, guest: GuestProvider | undefined): SenderError {
  if (guest === undefined || failure.code !== "EXPIRED_CREDENTIALS") return failure;
  guest.forget();
  return new SenderError(failure.code, failure.message, { retryable: true, cause: failure });
}

function noAnswer(): SenderError {
  return new SenderError("BAD_ANSWER", "SQS's answer does not confirm the message.", {
    retryable: true,
    mayHaveArrived: true,
  });
}
