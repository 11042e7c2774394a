/** A table in memory for conditional writes, with a hook around each. */

import { valueAt } from "../../../../shared/aws/expressions/path";
import { sameValue } from "../../../../shared/aws/expressions/sameValue";
import type { Item } from "../../../../shared/aws/itemSize";
import { applied } from "../../../../shared/writing/applied";
import type { ConditionalWrite, ConditionalWriter, WriteAnswer } from "../../../../shared/writing/conditionalWrite";

export interface Around {
  /** Called before and after each write; may throw. */
  readonly moment: (write: ConditionalWrite) => void;
  /** Whether the answer is lost, so the write is sent again. */
  readonly isLost: () => boolean;
}

export class MemoryTable implements ConditionalWriter {
  /** By `id`. */
  readonly items = new Map<string, Item>();

  constructor(private readonly around: Around = { moment: () => undefined, isLost: () => false }) {}

  async write(writes: readonly ConditionalWrite[]): Promise<WriteAnswer[]> {
    const answers: WriteAnswer[] = [];
    for (const write of writes) {
      this.around.moment(write);
      let answer = this.once(write);
      if (this.around.isLost()) {
        answer = this.once(write);
        if (answer.end === "refused") answer = { ...answer, repeated: true };
      }
      this.around.moment(write);
      answers.push(answer);
    }
    return answers;
  }

  private once({ key, change, seen }: ConditionalWrite): WriteAnswer {
    const id = key.id!.S!;
    const item = this.items.get(id);
    if (change.kind === "put") {
      if (item !== undefined) return { end: "refused", item };
      this.items.set(id, change.item);
      return { end: "written" };
    }
    if (item === undefined) return { end: "refused", item };
    if (!seen.every(({ path, value }) => sameValue(valueAt(item, path), value))) return { end: "refused", item };
    if (change.kind === "update") {
      this.items.set(id, applied(item, change.set, change.remove));
      return { end: "written" };
    }
    this.items.delete(id);
    return { end: "written", deleted: item };
  }
}
