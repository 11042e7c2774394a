/** Columns of the terminal that a stream goes to. Undefined: it goes to none, or the terminal doesn't know them and reports 0. */
export function columnsOf(stream: NodeJS.WritableStream): number | undefined {
  const { isTTY, columns } = stream as Partial<NodeJS.WriteStream>;
  return isTTY ? columns || undefined : undefined;
}

/** Ends the process when the reader of an output closes it: `… | head`. */
export function endWhenClosed(...streams: readonly NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
}
