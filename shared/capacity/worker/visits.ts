/** When a worker visits the ledger: one visit at a time, each planned by the one before or by new work. */
import type { Clock } from "../../clock";

export class Visits {
  /** When the last one began, milliseconds since the epoch. */
  beganAt = Number.NEGATIVE_INFINITY;
  /** When the next one is planned; Infinity when none is, -Infinity while one is under way. */
  private nextAt = Number.POSITIVE_INFINITY;
  private underWay: Promise<void> | undefined;
  private readonly abort = new AbortController();

  /**
   * `visit` resolves to the time of the next one, Infinity for none. It does not reject. `after`: called once the next
   * visit is planned, so that work that came during the visit can plan an earlier one.
   */
  constructor(
    private readonly clock: Clock,
    private readonly visit: () => Promise<number>,
    private readonly after: () => void,
  ) {}

  get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  /** No visit is planned or under way. */
  get dormant(): boolean {
    return this.nextAt === Number.POSITIVE_INFINITY;
  }

  /** Plans a visit, unless an earlier one is planned or one is under way. */
  plan(at: number): void {
    if (this.stopped || at >= this.nextAt) return;
    this.nextAt = at;
    this.clock.sleep(Math.max(0, at - this.clock.now()), this.abort.signal).then(
      () => {
        if (this.nextAt === at) this.underWay = this.begin();
      },
      () => undefined,
    );
  }

  /** Plans no further visits, and waits for the one under way. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.underWay;
  }

  private async begin(): Promise<void> {
    this.beganAt = this.clock.now();
    this.nextAt = Number.NEGATIVE_INFINITY;
    const next = await this.visit();
    this.nextAt = Number.POSITIVE_INFINITY;
    if (Number.isFinite(next)) this.plan(next);
    this.after();
  }
}
