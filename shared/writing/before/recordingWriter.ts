/** Conditional writes that are on record before they are sent. */
import { sameItem } from "../../aws/expressions/sameValue";
import type { ConditionalWriter, WriteAnswer } from "../conditionalWrite";
import { type BeforeRecord, isAsLeft, recordOf } from "./beforeRecord";
import type { BeforeJournal } from "./journal";

export function recordingWriter(
  writer: ConditionalWriter,
  journal: Pick<BeforeJournal, "add" | "put">,
): ConditionalWriter {
  return {
    write: async (writes) => {
      const records = writes.map(recordOf);
      const number = await journal.add(records);
      const answers = await writer.write(writes);
      const kept = records.flatMap((record, i) => afterAnswer(record, answers[i]!) ?? []);
      if (kept.length < records.length || kept.some((record, i) => record !== records[i])) {
        await journal.put(number, kept);
      }
      return answers;
    },
  };
}

/**
 * The record to keep; undefined: its write did not happen. If a write was sent more than once because the first answer was
 * lost, its own effect may make it fail its condition.
 */
function afterAnswer(record: BeforeRecord, answer: WriteAnswer): BeforeRecord | undefined {
  if (answer.end === "failed") return answer.attempts > 1 ? record : undefined;
  if (answer.end === "refused") return answer.repeated && isAsLeft(record, answer.item) ? record : undefined;
  const { deleted } = answer;
  if (record.change !== "delete" || deleted === undefined || sameItem(deleted, record.before)) return record;
  // Attributes that others added since the item was read.
  return { ...record, before: deleted };
}
