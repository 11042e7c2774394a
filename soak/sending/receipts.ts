/** A message that the queue took, from its answer. */
export interface Receipt {
  messageId: string;
  /** The message's body, character for character. */
  text: string;
}

/** Bodies of a request to SQS, by the id of the entry in it; a request for one message has no entry ids. */
export type Entries = ReadonlyMap<string | undefined, string>;

/** @param body of a SendMessage or a SendMessageBatch. */
export function entriesOf(body: string): Entries {
  const { MessageBody, Entries } = JSON.parse(body) as {
    MessageBody?: string;
    Entries?: { Id: string; MessageBody: string }[];
  };
  if (Entries) return new Map(Entries.map((entry) => [entry.Id, entry.MessageBody]));
  return new Map([[undefined, MessageBody ?? ""]]);
}

/** Which messages the queue took. @param answer to the request with these entries, whose status is 200. */
export function receiptsOf(entries: Entries, answer: string): Receipt[] {
  const { MessageId, Successful = [] } = JSON.parse(answer) as {
    MessageId?: string;
    Successful?: { Id: string; MessageId: string }[];
  };
  const taken: { Id?: string; MessageId: string }[] = MessageId === undefined ? Successful : [{ MessageId }];
  return taken.map(({ Id, MessageId: messageId }) => ({ messageId, text: entries.get(Id) ?? "" }));
}
