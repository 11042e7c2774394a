import { type Letter, type LetterOutcome, type Sender, SenderError } from "../../../sender/index";
import { sendThroughOutboxes } from "../../../soak/sending/outboxes";
import { scratchFolder } from "../../sender/helpers";

jest.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

/** A sender that decides on each letter by its text and by how often it came. */
function senderThat(decide: (text: string, times: number) => SenderError | undefined) {
  const times = new Map<string, number>();
  const sender = {
    refusal: () => undefined,
    async deliver<L extends Letter>(
      letters: AsyncIterable<L>,
      onOutcome: (letter: L, outcome: LetterOutcome) => Promise<void> | void,
    ) {
      for await (const letter of letters) {
        times.set(letter.text, (times.get(letter.text) ?? 0) + 1);
        const error = decide(letter.text, times.get(letter.text) as number);
        await onOutcome(letter, error ? { error } : { messageId: "1" });
      }
    },
  };
  return { sender: sender as unknown as Sender, times };
}

const later = new SenderError("NETWORK", "later", { retryable: true });
const signal = new AbortController().signal;
const surveys = (count: number) => Array.from({ length: count }, (_, n) => JSON.stringify({ user_id: `u${n}` }));

async function sendAll(sender: Sender, texts: string[]) {
  const progress = { confirmed: 0, sentAgain: 0, flushes: 0 };
  const problems = await sendThroughOutboxes(texts, { sender, folder: await scratchFolder(), progress, signal });
  return { problems, progress };
}

test("every survey is sent unchanged, and surveys that have to wait are sent by a later flush", async () => {
  const texts = surveys(10);
  const { sender, times } = senderThat((text, tries) => (text === texts[5] && tries < 3 ? later : undefined));
  const { problems, progress } = await sendAll(sender, texts);
  expect(problems).toEqual([]);
  expect([...times.keys()].sort()).toEqual([...texts].sort());
  expect(progress).toEqual({ confirmed: 10, sentAgain: 2, flushes: 4 + 2 });
});

test("surveys that are set aside or held up are reported", async () => {
  const texts = surveys(3);
  const refused = new SenderError("CONTENT_REFUSED", "never");
  const { sender } = senderThat((text) => (text === texts[0] ? refused : text === texts[1] ? later : undefined));
  const { problems, progress } = await sendAll(sender, texts);
  expect(problems).toEqual(["CONTENT_REFUSED: never", "1 still in an outbox after 20 flushes: NETWORK"]);
  expect(progress.confirmed).toBe(1);
});
