import type { DeliverOptions } from "../../sender/deliver";
import { SenderError } from "../../sender/index";
import type { Letter } from "../../sender/letter";
import { DEFAULT_RETRY } from "../../sender/retry";
import type { LetterOutcome } from "../../sender/sendBatch";
import type { EntryAnswer } from "../../sender/transport";
import { FakeClock } from "./helpers";

type Answer = EntryAnswer[] | Error;
export const letter = (text: string): Letter => ({ text, submissionId: `id of ${text}` });
export const letters = (count: number) => Array.from({ length: count }, (_, index) => letter(String(index)));
export const failed = (code: SenderError["code"], retryable = false) =>
  new SenderError(code, `why ${code}`, { retryable });
export const sent = (body: string): EntryAnswer => ({ messageId: `m-${body}` });
export const codeOf = (outcome: LetterOutcome | undefined) =>
  outcome === undefined ? undefined : "error" in outcome ? outcome.error.code : outcome.messageId;

/** A delivery whose batches are answered by `answer`. */
export function setUp(
  answer: (bodies: string[], call: number) => Answer | Promise<Answer>,
  changes: Partial<DeliverOptions> = {},
) {
  const clock = new FakeClock();
  const calls: string[][] = [];
  const delivery: DeliverOptions = {
    transport: {
      send: () => Promise.reject(new Error("not in this test")),
      async sendBatch(batch) {
        const bodies = batch.map(({ text }) => text);
        calls.push(bodies);
        const said = await answer(bodies, calls.length - 1);
        if (said instanceof Error) throw said;
        return said;
      },
      close() {},
    },
    concurrency: 1,
    policy: { ...DEFAULT_RETRY, attempts: 3 },
    clock,
    random: () => 0,
    ...changes,
  };
  return { clock, calls, delivery };
}
