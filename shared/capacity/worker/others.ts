/**
 * Whether the other workers take their shares: what they took between one's own slices, compared with those. Few workers
 * rely on one another, as each comes once a second. Where others crashed or want little, one has to come earlier.
 */

/** What was seen counts by this much less after each slice. */
const KEPT = 0.7;
/** The others keep up as long as they take this part of their shares: slices hold whole requests, and vary. */
const ENOUGH = 0.75;

export class Others {
  private own = 0;
  private theirs = 0;
  private lastEnd: number | undefined;

  /** A slice of one's own. `idle`: nobody had reserved up to its start. */
  see({ start }: { readonly start: number }, span: number, idle: boolean): void {
    const between = idle || this.lastEnd === undefined ? 0 : Math.max(0, start - this.lastEnd);
    this.own = KEPT * this.own + span;
    this.theirs = (idle ? 0.5 : KEPT) * this.theirs + between;
    this.lastEnd = start + span;
  }

  /** Their part of what is due to them, where `workers` share the limit; 1 where it is enough. */
  keepUp(workers: number): number {
    if (workers === 1) return 1;
    return Math.min(1, this.theirs / (ENOUGH * (workers - 1) * this.own));
  }
}
