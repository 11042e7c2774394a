type Fields = { user_id: string; timestamp: string; [field: string]: unknown };

/**
 * A body that no policy could ever accept, made from a valid survey.
 * @param serial distinguishes bodies that would be equal otherwise.
 * @param below a whole number from 0 to below the bound.
 */
export function garbage(survey: Fields, serial: number, below: (bound: number) => number): string {
  const { timestamp: _, ...timeless } = survey;
  const text = JSON.stringify(survey);
  const cases: (() => string)[] = [
    () => text.slice(0, 1 + below(text.length - 1)).toWellFormed(),
    () => `{not json, ${serial}`,
    () => `[${serial}]`,
    () => "null",
    () => `${serial}`,
    () => JSON.stringify(timeless),
    () => JSON.stringify({ ...survey, user_id: "../../etc/passwd" }),
    () => JSON.stringify({ ...survey, user_id: serial }),
    () => JSON.stringify({ ...survey, timestamp: "022921120000" }),
    () => JSON.stringify({ ...survey, timestamp: "2021-09-28T24:00:00Z" }),
    () => JSON.stringify({ ...survey, q1: "five" }),
    () => JSON.stringify({ ...survey, q2: 2.5 }),
    () => JSON.stringify({ ...survey, q3: 6 }),
    () => text.replaceAll('"q', '"Q'),
    () => text.replace('"q2"', '"q02"'),
    () => JSON.stringify({ ...withoutQuestions(survey), answers: { q1: 1, q2: 2 } }),
    () => JSON.stringify(withoutQuestions(survey)),
    () => JSON.stringify({ ...survey, time_elapsed: -1 }),
    () => JSON.stringify({ ...survey, freetext: "x".repeat(10_001) }),
    () => `{"__proto__": ${text}}`,
    () => JSON.stringify({ ...survey, freetext: "x".repeat(50_000 + below(150_000)) }),
  ];
  return (cases[below(cases.length)] as () => string)();
}

function withoutQuestions(survey: Fields): object {
  return Object.fromEntries(Object.entries(survey).filter(([name]) => !/^q\d/.test(name)));
}
