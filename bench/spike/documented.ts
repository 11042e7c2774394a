/** A figure that somebody else publishes, and where. */
export interface Documented {
  readonly value: number;
  readonly unit: string;
  /** Title of the page that states it. */
  readonly title: string;
  readonly address: string;
  /** What else has to be known of it: exceptions, where the figure was read if not on the page itself. */
  readonly note?: string;
}
