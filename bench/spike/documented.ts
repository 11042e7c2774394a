/** A published figure and its source. */
export interface Documented {
  readonly value: number;
  readonly unit: string;
  /** Title of the page that states it. */
  readonly title: string;
  readonly address: string;
  /** Notes: exceptions, and where the figure was read if not on the page itself. */
  readonly note?: string;
}
