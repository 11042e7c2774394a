/** The settings of a soak. */
export interface SoakSettings {
  /** Surveys handed to the sender, repeats and bad ones included. */
  readonly surveys: number;
  /** Participants they come from. */
  readonly participants: number;
  /** Makes the surveys and the faults repeatable. */
  readonly seed: number;
  /** Length of DynamoDB's complete outage in the middle, in seconds. */
  readonly outageSeconds: number;
  /** When it gives up waiting, in minutes from the start. */
  readonly timeLimitMinutes: number;
}

/** The largest value of the option --seed; the smallest is 0. */
export const LARGEST_SEED = 2 ** 31;
/** The largest value of the option --time-limit. */
export const MOST_MINUTES = 240;
