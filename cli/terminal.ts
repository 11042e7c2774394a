/** Columns of the terminal that a stream goes to. Undefined: it goes to none. */
export function columnsOf(stream: NodeJS.WritableStream): number | undefined {
  const { isTTY, columns } = stream as Partial<NodeJS.WriteStream>;
  return isTTY ? columns : undefined;
}
