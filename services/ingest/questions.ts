/** Questions are attributes named `q1`, `q2` and so on. Pure. */

/** Up to 15 digits: numbers hold those exactly. A longer one is an unknown field like any other. */
const QUESTION = /^q[1-9]\d{0,14}$/;

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

/**
 * The numbers of the questions in short: `1-3,5`. `none` where nothing was asked. Two texts are the same exactly when
 * the questions are.
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
