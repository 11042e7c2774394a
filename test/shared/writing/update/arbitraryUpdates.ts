// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of updates.
import fc from "fast-check";
import type { DeclaredUpdate } from "../../../../shared/writing/update/declared";
import { updateProblems } from "../../../../shared/writing/update/problems";
import { orders } from "./tables";

/** Declared updates with few names, so targets and templates often meet. */
const arbitraryUpdate: fc.Arbitrary<DeclaredUpdate> = fc.record(
  {
    set: fc.dictionary(
      fc.constantFrom("a", "b", "c", "d"),
      fc.oneof(
        fc.constantFrom("x", "${a}", "${b}#${c}", "${a.x}", "${c[0]}"),
        fc.constantFrom({ S: "x" }, { N: "1" }, { NULL: true }, { L: [{ S: "a" }] }),
      ),
    ),
    remove: fc.uniqueArray(fc.constantFrom("a", "b", "e"), { maxLength: 2 }),
    add: fc.dictionary(fc.constantFrom("a", "f"), fc.constantFrom({ N: "1" }, { N: "-0.5" })),
    onlyIf: fc.constantFrom("attribute_exists(a)", "a <> b", "size(c) = size(d)"),
    missing: fc.constantFrom("skip" as const, "fail" as const),
    marker: fc.constant("g"),
  },
  { requiredKeys: [] },
);
/** Updates that have no problems. */
export const soundUpdate = arbitraryUpdate.filter((update) => updateProblems(update, orders).length === 0);
