/** The intake's part of the smoke test: sends the samples, and compares what becomes of them with the stack's rules. */

import type { Sender } from "../../sender/index";
import { differences, foresee, type SubmissionPolicy } from "../../services/ingest/desk/foreseen";
import { readMarkers } from "../../services/ingest/desk/markers";
import { readParticipant } from "../../services/ingest/desk/participant";
import { listQuarantine } from "../../services/ingest/desk/quarantined";
import { SluiceError } from "../../shared/errors";
import type { Intake } from "../intakeStack";
import { counted } from "../text/format";
import type { Sample } from "./samples";

/** A sample that is on its way, or may be if the queue has not confirmed it. */
interface Sent {
  readonly sample: Sample;
  readonly messageId: string | undefined;
}

export class IntakeCheck {
  private sent: Sent[] = [];
  /** Whether the queue took the message without a signature. It may arrive at any time. */
  private open = false;

  constructor(
    private readonly intake: Intake,
    private readonly samples: readonly Sample[],
  ) {}

  /** @throws SluiceError SMOKE_FAILED if the queue does not take them all */
  async send(sender: Sender): Promise<void> {
    // Until the queue has answered, each sample may be on its way.
    this.sent = this.samples.map((sample) => ({ sample, messageId: undefined }));
    const results = await sender.sendSurveys(this.samples.map(({ survey }) => survey));
    this.sent = results.flatMap(({ messageId, error }, at) =>
      messageId === undefined && error?.retryable !== true ? [] : [{ sample: this.samples[at]!, messageId }],
    );
    const error = results.find((result) => result.error !== undefined)?.error;
    if (error === undefined) return;
    const taken = results.filter(({ messageId }) => messageId !== undefined).length;
    throw new SluiceError(
      "SMOKE_FAILED",
      `the queue accepted ${taken} of ${counted(results.length, "sample")}: ${error.message}`,
      {
        cause: error,
      },
    );
  }

  /**
   * Sends a sample without a signature. The queue must refuse it, however open the stack is.
   * @throws SluiceError SMOKE_FAILED if the queue takes it, or answers with anything but a refusal
   */
  async tryUnsigned(queueUrl: string, signal: AbortSignal): Promise<void> {
    const body = { QueueUrl: queueUrl, MessageBody: JSON.stringify(this.samples[0]!.survey) };
    const { status } = await fetch(new URL("/", queueUrl), {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" },
      body: JSON.stringify(body),
      signal,
    });
    if (status >= 400 && status < 500) return;
    this.open = status < 400;
    const message = `the queue must refuse a message without a signature, but answered it with status ${status}`;
    throw new SluiceError("SMOKE_FAILED", message);
  }

  /** How many of the messages that were sent may still arrive: they are neither counted nor in quarantine. */
  async underWay(): Promise<number> {
    const markers = await readMarkers(
      this.intake,
      this.sent.map(({ sample }) => sample.submission),
    );
    const unmarked = this.sent.filter(({ sample }) => !markers.has(sample.submission));
    const participants = new Set(unmarked.map(({ sample }) => sample.participant));
    const lists = [...participants].map((participant) => listQuarantine(this.intake, { participant }));
    const records = (await Promise.all(lists)).flatMap((list) => list.records);
    return (
      unmarked.filter(
        ({ sample, messageId }) =>
          !records.some((record) =>
            messageId === undefined ? record.submission === sample.submission : record.messageId === messageId,
          ),
      ).length + Number(this.open)
    );
  }

  /**
   * @returns numbers of accepted and of quarantined samples, and of participants that have an item.
   * @throws SluiceError SMOKE_FAILED with the first difference
   */
  async compare(
    policy: SubmissionPolicy,
    now: number,
  ): Promise<Record<"accepted" | "quarantined" | "participants", number>> {
    const bodies = this.samples.map(({ survey }) => JSON.stringify(survey));
    const foreseen = [...foresee(bodies, policy, now)];
    const found = foreseen.map(async ([id, each]) => differences(each, await readParticipant(this.intake, id)));
    const [first, ...more] = (await Promise.all(found)).flat();
    if (first !== undefined) {
      const others = more.length === 0 ? "" : ` (and ${counted(more.length, "other difference")})`;
      throw new SluiceError("SMOKE_FAILED", `${first}${others}`);
    }
    const each = foreseen.map(([, { accepted, quarantined }]) => [accepted.length, quarantined.length] as const);
    return {
      accepted: each.reduce((sum, [accepted]) => sum + accepted, 0),
      quarantined: each.reduce((sum, [, quarantined]) => sum + quarantined, 0),
      participants: each.filter(([accepted]) => accepted > 0).length,
    };
  }
}
