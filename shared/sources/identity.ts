/** Compares who a source was when its job began with who it is now. Pure. */
import type { SourceIdentity } from "./source";

/**
 * Why the source is not the one that the job began with; undefined where it is, as far as both show. The table's id decides,
 * or the time of creation if one of them lacks the id.
 *
 * @param name the table's, for the sentence.
 */
export function identityProblem(before: SourceIdentity, now: SourceIdentity, name: string): string | undefined {
  if (isOther(before, now)) return `Table ${name} was deleted and made anew after the job had begun.`;
  if (before.index === undefined || before.index === now.index) return undefined;
  return now.index === undefined
    ? `The index of table ${name} that the job reads was dropped after the job had begun.`
    : `The index of table ${name} that the job reads was made anew with other keys or another projection.`;
}

function isOther(before: SourceIdentity, now: SourceIdentity): boolean {
  if (before.id !== undefined && now.id !== undefined) return before.id !== now.id;
  return before.createdAt !== undefined && now.createdAt !== undefined && before.createdAt !== now.createdAt;
}
