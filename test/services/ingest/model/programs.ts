/** The real `storeSubmission`, run call by call: its next call is a function of the answers so far. */
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { S3ServiceException } from "@aws-sdk/client-s3";
import { type StoreOutcome, storeSubmission } from "../../../../services/ingest/storeSubmission";
import { submissionParser } from "../../../../services/ingest/submission";
import { body, POLICY } from "../submissions";

/** Bodies of one submission that differ in an answer, and a body that is refused. */
export const BODIES = { a: body({ q1: 1 }), b: body({ q1: 2 }), c: body({ q1: 3 }), bad: body({ q1: 9 }) };
export type BodyName = keyof typeof BODIES;

export interface Message {
  readonly id: string;
  readonly body: BodyName;
}

/** A call of AWS: the command's name and input. */
export interface Call {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

export type Answer =
  | { readonly value: Record<string, unknown> }
  | { readonly status: number }
  | { readonly cancelled: readonly Record<string, unknown>[] };

export type Next = { readonly call: Call } | { readonly outcome: StoreOutcome } | { readonly error: string };

/** The state of an object's writer, by the object's time: certainly ended, or perhaps not. */
export const ENDED = 0;
export const PERHAPS_AT_WORK = 2;
const ENDED_BEFORE = 1;

const parse = submissionParser(POLICY);
const known = new Map<string, Promise<Next>>();

/** The next step of a message's delivery after these answers. */
export function next(message: Message, answers: readonly Answer[]): Promise<Next> {
  const key = JSON.stringify([message, answers]);
  const found = known.get(key) ?? run(message, answers);
  known.set(key, found);
  return found;
}

function run({ id, body }: Message, answers: readonly Answer[]): Promise<Next> {
  return new Promise((resolve) => {
    let asked = 0;
    const send = (command: { constructor: { name: string }; input: Call["input"] }) => {
      const answer = answers[asked++];
      if (answer !== undefined) return settle(answer);
      resolve({ call: { name: command.constructor.name.replace(/Command$/, ""), input: command.input } });
      return new Promise(() => undefined);
    };
    const client = { send } as never;
    const places = { rawBucket: "raw", quarantineBucket: "quarantine", resultsTable: "results" };
    const storage = { s3: client, dynamodb: client, ...places, submissionsTable: "submissions" };
    const message = { body: BODIES[body], messageId: id, sentAt: 0, endedBefore: ENDED_BEFORE };
    storeSubmission(storage, parse, message, new AbortController().signal).then(
      (outcome) => resolve({ outcome }),
      (error: Error & { code?: string }) => resolve({ error: error.code ?? error.message }),
    );
  });
}

async function settle(answer: Answer): Promise<Record<string, unknown>> {
  if ("value" in answer) {
    const { text, ...value } = answer.value;
    return text === undefined ? value : { ...value, Body: { transformToString: async () => text } };
  }
  if ("status" in answer) {
    const $metadata = { httpStatusCode: answer.status };
    throw new S3ServiceException({ name: `Status${answer.status}`, $fault: "client", $metadata });
  }
  const CancellationReasons = [...answer.cancelled];
  throw new TransactionCanceledException({ message: "", $metadata: { httpStatusCode: 400 }, CancellationReasons });
}
