/** The writer of conditional writes: 25 to a request where statements can express them, one by one where not. */
import type { ConditionalWrite, ConditionalWriter, WriteAnswer } from "./conditionalWrite";
import { ItemWriter } from "./itemWriter";
import { keyText } from "./keyText";
import { type KeyedStatement, StatementSender, type WriterOptions } from "./statementSender";
import { statementOf } from "./statements";

/** @param table the name of the table that is written. */
export function writerOf(table: string, options: WriterOptions): ConditionalWriter {
  const sender = new StatementSender(options);
  const items = new ItemWriter(table, options);
  return { write: (writes) => writeBoth(table, sender, items, writes) };
}

async function writeBoth(
  table: string,
  sender: StatementSender,
  items: ConditionalWriter,
  writes: readonly ConditionalWrite[],
): Promise<WriteAnswer[]> {
  const statements: KeyedStatement[] = [];
  const others: ConditionalWrite[] = [];
  const isSaid = writes.map((write) => {
    const statement = statementOf(table, write);
    if (statement === undefined) others.push(write);
    else statements.push({ id: keyText(write.key), statement });
    return statement !== undefined;
  });
  // Both end before either's failure is thrown: nothing is under way any more when this rejects.
  const [said, done] = await Promise.allSettled([sender.send(statements), items.write(others)]);
  if (said.status === "rejected") throw said.reason;
  if (done.status === "rejected") throw done.reason;
  let [nextSaid, nextDone] = [0, 0];
  return isSaid.map((is) => (is ? said.value[nextSaid++]! : done.value[nextDone++]!));
}
