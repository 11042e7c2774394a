import { seededRandom } from "../local/faults/random";
import { garbage } from "./garbage";

/** The kind of a generated body. The model doesn't use it: it judges only the text. */
export type Kind = "valid" | "late" | "clock" | "repeat" | "conflict" | "policy" | "garbage";

export interface GeneratedBody {
  kind: Kind;
  /** The message body, character for character. */
  text: string;
}

export interface Generation {
  surveys: number;
  participants: number;
  seed: number;
}

/** Percentage of bodies of each kind; the rest is valid. */
const SHARES: [Kind, number][] = [
  ["repeat", 10],
  ["late", 6],
  ["clock", 4],
  ["policy", 4],
  ["conflict", 3],
  ["garbage", 3],
];

const DAY_MS = 86_400_000;
/** Submissions begin here and go on into the new year, where the phone's MMDDYY no longer sorts as text. */
const FIRST_DAY = Date.UTC(2021, 11, 30);

interface Survey {
  user_id: string;
  timestamp: string;
  time_elapsed: number;
  freetext?: string;
  [field: string]: unknown;
}

/** Bodies as a study's phones would send them, in the order of their sending: the same for the same seed. */
export function generateBodies({ surveys, participants, seed }: Generation): GeneratedBody[] {
  const random = seededRandom(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const clocks = Array.from({ length: participants }, () => ({ last: FIRST_DAY + below(DAY_MS), first: FIRST_DAY }));
  const sent: GeneratedBody[] = [];
  const accepted: Survey[] = [];

  const fresh = (late: boolean, shown = (ms: number) => ms): Survey => {
    const participant = below(participants);
    const clock = clocks[participant] as (typeof clocks)[number];
    // Never the same second twice: the key of a submission is its participant and its time.
    if (late) clock.first -= 1_000 * (1 + below(90_000));
    else clock.last += 1_000 * (1 + below(20_000));
    return survey(participant, shown(late ? clock.first : clock.last), random);
  };
  const bodyOf = (kind: Kind): GeneratedBody => {
    const earlier = accepted[below(accepted.length)];
    if (kind === "repeat" && sent.length > 0) return { kind, text: (sent[below(sent.length)] as GeneratedBody).text };
    if (kind === "conflict" && earlier) return { kind, text: JSON.stringify(contradict(earlier, sent.length)) };
    if (kind === "policy") return { kind, text: written(offending(fresh(false), below(5)), below) };
    if (kind === "garbage") return { kind, text: garbage(fresh(false), sent.length, below) };
    if (kind === "clock")
      return {
        kind,
        text: written(
          fresh(false, (ms) => misset(ms, below(3))),
          below,
        ),
      };
    const one = fresh(kind === "late");
    accepted.push(one);
    return { kind: kind === "late" ? kind : "valid", text: written(one, below) };
  };
  while (sent.length < surveys) sent.push(bodyOf(kindAt(below(100))));
  return sent;
}

function kindAt(draw: number): Kind {
  let from = 0;
  for (const [kind, share] of SHARES) {
    from += share;
    if (draw < from) return kind;
  }
  return "valid";
}

const ZONE_MINUTES = [":00", "00", ""];
const TEXTS = ["fine, thank you", "çà va ☀️ 😀", 'he said "no"\nand left', "<b>&amp;</b>", "نعم", "\\u0000 as text"];

function survey(participant: number, ms: number, random: () => number): Survey {
  const below = (bound: number) => Math.floor(random() * bound);
  const questions = Array.from({ length: 3 + below(8) }, (_, index) => [`q${index + 1}`, 1 + below(5)]);
  const text = TEXTS[below(TEXTS.length)] as string;
  return {
    user_id: `p${participant % 2 ? "-" : "_"}${participant}`,
    timestamp: below(4) === 0 ? rfc3339(ms, below(5), ZONE_MINUTES[below(3)] as string) : phone(ms),
    time_elapsed: 3 + below(4_000) / 100,
    ...Object.fromEntries(questions),
    freetext: below(50) === 0 ? text.repeat(200) : text,
    ...(below(5) === 0 ? { app: { version: "1.4.2", locale: "de" } } : {}),
  };
}

/** The same moment under the same key with another answer. */
function contradict(earlier: Survey, serial: number): Survey {
  return { ...earlier, q1: 1 + (Number(earlier.q1) % 5), freetext: `another answer, ${serial}` };
}

/** The time of a clock that uses the Thai calendar, has started at its epoch, or is seventy years fast. */
function misset(ms: number, which: number): number {
  const yearsOn = (years: number) => new Date(ms).setUTCFullYear(new Date(ms).getUTCFullYear() + years);
  return [yearsOn(543), ms - FIRST_DAY, yearsOn(70)][which] as number;
}

/** Violations of the policy: too quick, no free text, blank free text, or all of these. */
function offending(one: Survey, which: number): Survey {
  const { freetext: _, ...rest } = one;
  const cases: Survey[] = [
    { ...one, time_elapsed: 2.99 },
    rest as Survey,
    { ...one, freetext: " \n\t" },
    { ...one, freetext: "\u200b\u200d \0" },
    { ...one, time_elapsed: 0, freetext: "" },
  ];
  return cases[which] as Survey;
}

/** As apps write JSON: mostly bare, now and then with white space. */
function written(one: Survey, below: (bound: number) => number): string {
  return below(10) === 0 ? `\r\n${JSON.stringify(one, undefined, 2)} ` : JSON.stringify(one);
}

/** `MMDDYYHHMMSS`. */
function phone(ms: number): string {
  const [, year, month, day, hour, minute, second] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(new Date(ms).toISOString()) ?? [];
  return `${month}${day}${year}${hour}${minute}${second}`;
}

/** RFC 3339 with an offset in hours. @param minutes of the offset, as the app writes them. */
function rfc3339(ms: number, offsetHours: number, minutes: string): string {
  const local = new Date(ms + offsetHours * 3_600_000).toISOString().slice(0, 19);
  return offsetHours === 0 ? `${local}Z` : `${local}+0${offsetHours}${minutes}`;
}
