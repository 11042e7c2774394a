/**
 * Sluice's sender: what a React Native or Node app imports to send surveys.
 *
 *     import { createSender, openOutbox } from "@sluice/sender";
 *     import output from "./sender-output.json"; // pulumi stack output sender --json > sender-output.json
 *
 *     const sender = createSender(output);
 *     const survey = { user_id: "0042", timestamp: "100125090000", time_elapsed: 5, q1: 5, freetext: "A long day" };
 *     const { statusCode, error } = await sender.sendSurvey(survey);
 *
 *     const outbox = openOutbox("outbox", sender); // on a phone: openOutbox(yourStorage, sender)
 *     await outbox.save(survey); // as soon as the participant is done
 *     await outbox.flush(); // whenever there is a network
 *
 * The path of a survey: readSurvey → letter → rules → retry(transport) → result;
 * through the outbox: outbox.save → folderStorage … flushOutbox → deliver → batches → sendBatch → transport.
 */
export { type Clock, systemClock } from "./clock";
export {
  createSender,
  type Sender,
  type SenderOutput,
  type SendManyOptions,
  type SendOptions,
  type SendResult,
} from "./createSender";
export { type SendError, SenderError, type SenderErrorCode } from "./errors";
export type { FlushedEntry, FlushOptions, FlushReport } from "./flushOutbox";
export { type FolderStorageOptions, folderStorage } from "./folderStorage";
export type { Credentials, GuestAccess } from "./guestCredentials";
export type { GuestStorage } from "./guestIdentity";
export type { Letter } from "./letter";
export type { SenderOptions } from "./options";
export { type Outbox, type OutboxOptions, openOutbox, type SaveResult } from "./outbox";
export type { OutboxStorage, RejectReason } from "./outboxStorage";
export type { ParticipantToken } from "./participantToken";
export type { Survey } from "./readSurvey";
export type { RetryPolicy } from "./retry";
export type { RuleReason, SurveyRules } from "./rules";
export type { LetterOutcome } from "./sendBatch";
export { sendSurvey } from "./sendSurvey";
