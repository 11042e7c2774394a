import { exitCode, renderSummary, type SendSummary } from "../../cli/sendSummary";
import type { SendError } from "../../sender/index";

const QUEUE = "https://sqs.example/surveys";
const error = (code: SendError["code"]): SendError => ({ code, message: `why ${code}`, retryable: false });
const entry = (file: string, code: SendError["code"]) => ({ file, submissionId: `id of ${file}`, error: error(code) });

/** An entry whose answer was lost. */
const lost = ({ error: why, ...rest }: ReturnType<typeof entry>) => ({
  ...rest,
  error: { ...why, mayHaveArrived: true },
});

/** What lay in each place of a summary, 0 or more. */
interface Counts {
  sent?: number;
  refused?: number;
  unconfirmed?: number;
  waiting?: number;
  failed?: boolean;
}

function summary({ sent = 0, refused = 0, unconfirmed = 0, waiting = 0, failed = false }: Counts): SendSummary {
  const files = (count: number, kind: string) => Array.from({ length: count }, (_, index) => `${kind}-${index}.json`);
  return {
    queueUrl: QUEUE,
    total: sent + refused + unconfirmed + waiting,
    sent,
    refused: files(refused, "refused").map((file) => entry(file, "NOT_JSON")),
    unconfirmed: files(unconfirmed, "unconfirmed").map((file) => lost(entry(file, "TIMEOUT"))),
    waiting: files(waiting, "waiting").map((file) => entry(file, "NETWORK")),
    ...(failed ? { error: error("OUTBOX_IO") } : {}),
    results: files(sent, "sent").map((file) => ({ file, submissionId: `id of ${file}`, messageId: "m" })),
  };
}

describe("the exit code", () => {
  test.each<[Counts, 0 | 1]>([
    [{}, 0],
    [{ sent: 1 }, 0],
    [{ refused: 1 }, 1],
    [{ unconfirmed: 1 }, 1],
    [{ waiting: 1 }, 1],
    [{ failed: true }, 1],
    [{ sent: 9, refused: 1 }, 1],
    [{ sent: 9, waiting: 1 }, 1],
    [{ sent: 9, failed: true }, 1],
    [{ refused: 1, waiting: 1 }, 1],
    [{ refused: 1, failed: true }, 1],
    [{ waiting: 1, failed: true }, 1],
    [{ sent: 9, refused: 1, waiting: 1 }, 1],
    [{ sent: 9, refused: 1, failed: true }, 1],
    [{ sent: 9, waiting: 1, failed: true }, 1],
    [{ refused: 1, waiting: 1, failed: true }, 1],
    [{ sent: 9, refused: 1, waiting: 1, failed: true }, 1],
  ])("of %j is %i", (counts, code) => {
    expect(exitCode(summary(counts))).toBe(code);
  });
});

const HARMLESS =
  "A survey may have arrived if SQS's answer was lost. Sending it again is harmless, because each submission counts once.";

describe("the summary for people", () => {
  test.each<[Counts, string[]]>([
    [{}, [`Sent 0 of 0 surveys to ${QUEUE}`]],
    [{ sent: 1 }, [`Sent 1 of 1 survey to ${QUEUE}`]],
    [{ sent: 2 }, [`Sent 2 of 2 surveys to ${QUEUE}`]],
    [
      { sent: 1, refused: 2 },
      [
        `Sent 1 of 3 surveys to ${QUEUE}`,
        "Refused: 2",
        "  refused-0.json  NOT_JSON: why NOT_JSON",
        "  refused-1.json  NOT_JSON: why NOT_JSON",
      ],
    ],
    [
      { waiting: 1 },
      [`Sent 0 of 1 survey to ${QUEUE}`, "Waiting in the outbox: 1", "  waiting-0.json  NETWORK: why NETWORK"],
    ],
    [
      { sent: 1, refused: 1, unconfirmed: 1 },
      [
        `Sent 1 of 3 surveys to ${QUEUE}`,
        "Refused: 1",
        "  refused-0.json  NOT_JSON: why NOT_JSON",
        "Not confirmed: 1",
        "  unconfirmed-0.json  TIMEOUT: why TIMEOUT",
        HARMLESS,
      ],
    ],
    [
      { refused: 1, waiting: 1, failed: true },
      [
        `Sent 0 of 2 surveys to ${QUEUE}`,
        "Failed: why OUTBOX_IO",
        "Refused: 1",
        "  refused-0.json  NOT_JSON: why NOT_JSON",
        "Waiting in the outbox: 1",
        "  waiting-0.json  NETWORK: why NETWORK",
      ],
    ],
  ])("of %j names what was not sent", (counts, lines) => {
    expect(renderSummary(summary(counts))).toBe(lines.map((line) => `${line}\n`).join(""));
  });

  test("of an outbox says which surveys may have arrived", () => {
    const waiting = [entry("a.json", "NETWORK"), lost(entry("b.json", "NETWORK"))];
    expect(renderSummary({ ...summary({}), total: 2, waiting })).toBe(
      [
        `Sent 0 of 2 surveys to ${QUEUE}`,
        "Waiting in the outbox: 2",
        "  a.json  NETWORK: why NETWORK",
        "  b.json  NETWORK: why NETWORK",
        `${HARMLESS}\n`,
      ].join("\n"),
    );
  });
});
