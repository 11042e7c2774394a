import { createInterface } from "node:readline";
import { EXIT } from "./errors";

/** Columns of the terminal that a stream goes to. Undefined: it goes to none, or the terminal doesn't know them and reports 0. */
export function columnsOf(stream: NodeJS.WritableStream): number | undefined {
  const { isTTY, columns } = stream as Partial<NodeJS.WriteStream>;
  return isTTY ? columns || undefined : undefined;
}

/** Ends the process when the reader of an output closes it (`… | head`), or when it can't be written, such as to a full disk. */
export function endWhenClosed(...streams: readonly NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      process.stderr.write(`The output can't be written: ${error.message}.\n`, () => process.exit(EXIT.failed));
    });
  }
}

/** Asks the person at the terminal for one line. Ctrl-D, which ends the input, answers with an empty line. */
export function askLine(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  const terminal = createInterface({ input, output });
  // While the process reads a line, the terminal sends Ctrl-C as a key, not as a signal.
  terminal.on("SIGINT", () => {
    output.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  return new Promise((resolve) => {
    let answer: string | undefined;
    terminal.question(question, (line) => {
      answer = line;
      terminal.close();
    });
    terminal.once("close", () => {
      // The cursor is still behind the question.
      if (answer === undefined) output.write("\n");
      resolve(answer ?? "");
    });
  });
}
