import { addWritten, MOST_EXAMPLES, nothingWritten, type Written } from "../../../shared/writing/written";

const result = (part: Partial<Written>): Written => ({ ...nothingWritten, ...part });

test("two results add up, outcome by outcome, resource by resource, code by code", () => {
  const a = result({
    outcomes: { ...nothingWritten.outcomes, updated: 2, failed: 1 },
    consumed: { table: 3, indexes: { byDay: 1 } },
    failures: { ITEM_TOO_LARGE: 1 },
    failureObjects: 1,
  });
  const b = result({
    outcomes: { ...nothingWritten.outcomes, updated: 1, conflict: 2 },
    consumed: { table: 2, indexes: { byDay: 4, byName: 1 } },
    failures: { CONFLICT: 2 },
    failureObjects: 2,
    beforeObjects: 3,
  });
  expect(addWritten(a, b)).toEqual({
    outcomes: { updated: 3, already: 0, skipped: 0, conflict: 2, gone: 0, failed: 1 },
    consumed: { table: 5, indexes: { byDay: 5, byName: 1 } },
    failures: { ITEM_TOO_LARGE: 1, CONFLICT: 2 },
    failureObjects: 3,
    beforeObjects: 3,
  });
});

test("there are at most 20 examples, the first ones", () => {
  const examples = (from: number) => Array.from({ length: 15 }, (_, n) => ({ before: { n: from + n } }));
  const { examples: both } = addWritten(result({ examples: examples(0) }), result({ examples: examples(100) }));
  expect(both).toHaveLength(MOST_EXAMPLES);
  expect(both?.at(-1)).toEqual({ before: { n: 104 } });
});
