import { createHash } from "node:crypto";
import type { Entries } from "./receipts";

/** A proxy's answer to a request that it refuses. */
export interface Refusal {
  /** Its name in the report. */
  name: string;
  /** Absent: it breaks the connection. */
  answer?: { status: number; type: string; body: string };
}

/** One after the other, so that few batches meet each of them. */
const REFUSALS: readonly Refusal[] = [
  { name: "HTML 403", answer: { status: 403, type: "text/html", body: "<html>Blocked by policy</html>" } },
  { name: "empty 400", answer: { status: 400, type: "text/plain", body: "" } },
  { name: "HTML 413", answer: { status: 413, type: "text/html", body: "<html>Request Entity Too Large</html>" } },
  { name: "reset" },
];

/** Share of batches that the proxy refuses. */
const SHARE = 0.2;

/**
 * A proxy's decisions on batches, which never change: the same batch is refused in the same way each time, and only its
 * parts may pass. A single message always passes, because otherwise the outbox would have to set it aside.
 */
export class Refusals {
  readonly #random: () => number;
  readonly #opinions = new Map<string, Refusal | undefined>();
  readonly #counts = new Map(REFUSALS.map(({ name }) => [name, 0]));
  #batches = 0;
  #next = 0;

  /** @param random 0 ≤ value < 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The refusal of a request; undefined if it passes. */
  meet(entries: Entries): Refusal | undefined {
    if (entries.size < 2) return undefined;
    this.#batches++;
    const batch = createHash("sha256")
      .update(JSON.stringify([...entries.values()]))
      .digest("base64");
    if (!this.#opinions.has(batch)) this.#opinions.set(batch, this.#draw());
    const refusal = this.#opinions.get(batch);
    if (refusal) this.#counts.set(refusal.name, (this.#counts.get(refusal.name) ?? 0) + 1);
    return refusal;
  }

  /** Requests with several messages that were checked, and those that were refused. */
  get report(): { name: string; matched: number; struck: number }[] {
    return [...this.#counts].map(([name, struck]) => ({ name, matched: this.#batches, struck }));
  }

  #draw(): Refusal | undefined {
    return this.#random() < SHARE ? REFUSALS[this.#next++ % REFUSALS.length] : undefined;
  }
}
