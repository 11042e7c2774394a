/** The writer of conditional writes: 25 in a request if statements can express them, else one by one. */
import type { ConditionalWrite, ConditionalWriter, WriteAnswer } from "./conditionalWrite";
import { ItemWriter } from "./itemWriter";
import { StatementSender, type WriterOptions } from "./statementSender";

/** @param table the name of the table that is written. */
export function writerOf(table: string, options: WriterOptions): ConditionalWriter {
  const sender = new StatementSender(table, options);
  const items = new ItemWriter(table, options);
  return { write: (writes) => writeBoth(sender, items, writes) };
}

async function writeBoth(
  sender: StatementSender,
  items: ConditionalWriter,
  writes: readonly ConditionalWrite[],
): Promise<WriteAnswer[]> {
  const answers = await sender.send(writes);
  const others = writes.filter((_, i) => answers[i] === undefined);
  if (others.length === 0) return answers as WriteAnswer[];
  const rest = await items.write(others);
  let next = 0;
  return answers.map((answer) => answer ?? rest[next++]!);
}
