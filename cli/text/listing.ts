/** A list that is printed while it is read: as lines of text, or as one JSON document. */
import { toJson } from "./json";

export interface Listing {
  /** @param text the entry as text, without a line break at the end */
  add(entry: unknown, text: string): void;
  /** @param rest further fields of the document. @param text the last lines of the text. Default: none */
  end(rest: object, text?: string): void;
}

export class TextListing implements Listing {
  constructor(private readonly print: (text: string) => void) {}

  add(_entry: unknown, text: string): void {
    this.print(text);
  }

  end(_rest: object, text?: string): void {
    if (text !== undefined) this.print(text);
  }
}

/** `{ "failures": [ … ], "total": 3 }`, with an entry a line. Only a little of the list is in memory at once. */
export class JsonListing implements Listing {
  private between = "\n    ";

  constructor(
    private readonly stdout: NodeJS.WritableStream,
    name: string,
  ) {
    stdout.write(`{\n  ${JSON.stringify(name)}: [`);
  }

  add(entry: unknown): void {
    this.stdout.write(this.between + toJson(entry));
    this.between = ",\n    ";
  }

  /** Also called if the list broke off. In that case `rest` is the error's document. */
  end(rest: object): void {
    const more = toJson(rest, 2)
      .replace(/^\{\n/, ",\n")
      .replace(/^\{\}$/, "\n}");
    this.stdout.write(`\n  ]${more}\n`);
  }
}
