import { type Letter, type LetterOutcome, type Sender, SenderError, type SendResult } from "../../../sender/index";
import { sendBodies } from "../../../soak/sending/sendBodies";

jest.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

type Decision = SenderError | undefined;

/** A sender that decides on each text by its content and by how often it came. It remembers which texts were sent alone. */
function senderThat(decide: (text: string, times: number) => Decision) {
  const asked = new Map<string, number>();
  const alone: string[] = [];
  const decision = (text: string) => {
    const times = (asked.get(text) ?? 0) + 1;
    asked.set(text, times);
    return decide(text, times);
  };
  const sender: Pick<Sender, "deliver" | "sendSurvey"> = {
    async deliver<L extends Letter>(
      letters: AsyncIterable<L> | Iterable<L>,
      onOutcome: (letter: L, outcome: LetterOutcome) => Promise<void> | void,
    ) {
      for await (const letter of letters) {
        const error = decision(letter.text);
        await onOutcome(letter, error ? { error } : { messageId: "1" });
      }
    },
    async sendSurvey(survey): Promise<SendResult> {
      const text = JSON.stringify(survey);
      alone.push(text);
      const error = decision(text);
      return error
        ? { statusCode: 400, submissionId: "", error }
        : { statusCode: 200, submissionId: "", messageId: "1" };
    },
  };
  return { sender: sender as Sender, alone };
}

const later = new SenderError("THROTTLED", "later", { retryable: true });
const never = new SenderError("ACCESS_DENIED", "never");
const signal = new AbortController().signal;

test("messages that were given up for now are sent again until they are confirmed; messages that can never be sent are reported", async () => {
  const progress = { confirmed: 0, sentAgain: 0, flushes: 0 };
  const { sender } = senderThat((text, times) =>
    text === "c" ? never : text === "b" && times < 3 ? later : undefined,
  );
  expect(await sendBodies(sender, ["a", "b", "c"], progress, signal)).toEqual(["ACCESS_DENIED: never"]);
  expect(progress).toEqual({ confirmed: 2, sentAgain: 2, flushes: 0 });
});

test("every tenth message is sent alone, if the sender leaves its text unchanged", async () => {
  const { sender, alone } = senderThat(() => undefined);
  const texts = Array.from({ length: 30 }, (_, index) => (index === 10 ? ` {"n":10}` : `{"n":${index}}`));
  const progress = { confirmed: 0, sentAgain: 0, flushes: 0 };
  expect(await sendBodies(sender, texts, progress, signal)).toEqual([]);
  expect(alone).toEqual(['{"n":0}', '{"n":20}']);
  expect(progress.confirmed).toBe(30);
});

test("an abort ends it with the signal's reason", async () => {
  const progress = { confirmed: 0, sentAgain: 0, flushes: 0 };
  const aborted = AbortSignal.abort(new Error("enough"));
  await expect(sendBodies(senderThat(() => later).sender, ["a"], progress, aborted)).rejects.toThrow("enough");
});
