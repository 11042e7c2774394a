import { renderEnd, renderLetters } from "../../../cli/intake/dead";
import type { DeadLetter } from "../../../cli/intake/deadLetters";
import type { IntakeStatus } from "../../../cli/intake/readStatus";
import { renderStatus } from "../../../cli/intake/status";

const idle: IntakeStatus = {
  at: "2026-11-26T10:00:00.000Z",
  waiting: 0,
  inFlight: 0,
  oldestSeconds: null,
  deadLetters: 0,
  storedPerMinute: 0,
  quarantinedToday: 0,
  quarantinedByReason: {},
};

describe("status", () => {
  test("of an idle intake", () => {
    expect(renderStatus(idle, "LIST").split("\n")).toEqual([
      "Waiting       0",
      "In flight     0",
      "Oldest        none",
      "Dead letters  none",
      "Stored        0 a minute, in the last 5 minutes",
      "Quarantined   none today",
    ]);
  });

  test("of a busy one", () => {
    const queue = { waiting: 1_200, inFlight: 100, oldestSeconds: 125, deadLetters: 3, storedPerMinute: 812.4 };
    const quarantine = { quarantinedToday: 5, quarantinedByReason: { TOO_FAST: 4, CONFLICT: 1 } };
    expect(renderStatus({ ...idle, ...queue, ...quarantine }, "LIST").split("\n")).toEqual([
      "Waiting       1,200",
      "In flight     100",
      "Oldest        2 min 5 s",
      "Dead letters  3; to see why: LIST",
      "Stored        812.4 a minute, in the last 5 minutes",
      "Quarantined   5 today: 4 TOO_FAST, 1 CONFLICT",
    ]);
  });

  test("where CloudWatch lags behind", () => {
    const text = renderStatus({ ...idle, waiting: 1, quarantinedToday: 1 }, "LIST");
    expect(text).toContain("Oldest        not known yet");
    expect(text).toContain("1 today: reasons not known yet");
  });
});

describe("dead letters", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  const letter: DeadLetter = {
    messageId: "m-1",
    sentAt: "2026-11-26T07:00:00.000Z",
    receives: 41,
    userId: "0042",
    bytes: 220,
    lastError: "InternalServerError: the table is gone",
  };

  test("each has a line with the participant, the age and the last error", () => {
    expect(renderLetters([letter, { ...letter, userId: null, lastError: null }], 2, now).split("\n")).toEqual([
      "MESSAGE  PARTICIPANT  AGE  RECEIVES   SIZE  LAST ERROR",
      "m-1      0042         5 h        41  220 B  InternalServerError: the table is gone",
      "m-1      ?            5 h        41  220 B  not in the log",
    ]);
  });

  test("records that are not shown are counted", () => {
    expect(renderLetters([letter], 1_001, now)).toMatch(/\n1,000 more; --limit shows more\.$/);
    expect(renderLetters([], 0, now)).toBe("There are no dead letters.");
  });

  test.each([
    [{ status: "COMPLETED", moved: 1, toMove: 1 }, "Moved 1 dead letter back to the queue."],
    [{ status: "CANCELLED", moved: 2, toMove: 3 }, "The move was cancelled after 2 dead letters."],
    [
      { status: "FAILED", moved: 0, toMove: 3, failure: "AccessDenied" },
      "The move failed after 0 dead letters: AccessDenied.",
    ],
  ])("a move ends: %j", (end, text) => {
    expect(renderEnd(end)).toBe(text);
  });
});
