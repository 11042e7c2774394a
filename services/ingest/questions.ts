/** Questions are attributes named `q1`, `q2` and so on. Pure. */

/** Up to 15 digits: numbers hold those exactly. */
const QUESTION = /^q[1-9]\d{0,14}$/;
/** A longer name is not a typing error. */
const NAME_CHARACTERS = 64;

export function isQuestion(name: string): boolean {
  return QUESTION.test(name);
}

/** The names among these that are questions, by their numbers. */
export function questionsAmong(names: readonly string[]): string[] {
  const questions = names.filter(isQuestion);
  // Tens of thousands of numbers are sorted in a tenth of the time that a comparison of names takes.
  const numbers = Float64Array.from(questions, numberOf);
  const inOrder = numbers.every((number, at) => at === 0 || number > (numbers[at - 1] as number));
  return inOrder ? questions : Array.from(numbers.sort(), questionOf);
}

/** A field that looks like a question but isn't one. */
export interface Lookalike {
  /** The question that is meant, if that is clear. */
  meant: string | undefined;
}

/**
 * Recognizes a field that is meant as a question but has another name, so that its answer would go unnoticed.
 *
 * The rule: in lower case, in Unicode's compatibility form and without anything but letters and digits the name reads `q`
 * and digits of any script, but it isn't a question: `Q1`, `q03`, `q_1`, `q 1`, `q[1]`, `ｑ１`, `q١`, `q1.5`, `q0`. The
 * meaning is clear if the name has one row of ASCII digits that make a question. The field `answers` is meant to hold
 * questions, too.
 * @returns undefined for a question, and for any other name.
 */
export function lookalike(name: string): Lookalike | undefined {
  if (name.length > NAME_CHARACTERS || isQuestion(name)) return undefined;
  const simple = name.normalize("NFKC").toLowerCase();
  const bare = simple.replace(/[^\p{L}\p{N}]/gu, "");
  if (bare === "answers") return { meant: undefined };
  if (!/^q\p{Nd}+$/u.test(bare)) return undefined;
  const oneNumber = /^q\d+$/.test(bare) && /^\D*\d+\D*$/.test(simple);
  const meant = questionOf(Number(bare.slice(1)));
  return { meant: oneNumber && isQuestion(meant) ? meant : undefined };
}

/**
 * The numbers of the questions in short: `1-3,5`. `none` without questions. Two texts are the same exactly if the
 * questions are.
 * @param questions by their numbers.
 */
export function questionRanges(questions: readonly string[]): string {
  const ranges: string[] = [];
  let [first, last] = [0, 0];
  for (const number of [...questions.map(numberOf), Number.POSITIVE_INFINITY]) {
    if (number === last + 1 && first > 0) last = number;
    else {
      if (first > 0) ranges.push(first === last ? `${first}` : `${first}-${last}`);
      [first, last] = [number, number];
    }
  }
  return ranges.join(",") || "none";
}

function numberOf(question: string): number {
  return Number(question.slice(1));
}

function questionOf(number: number): string {
  return `q${number}`;
}
