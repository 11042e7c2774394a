/** What any stack holds a submission to, whatever its config. The store function checks it, and the sender knows it. */
export const LIMITS = {
  /** Most characters of a free text. */
  freetextCharacters: 10_000,
  /** Most seconds of answering: a lifetime, far within the numbers that DynamoDB holds. */
  secondsMax: 1_000_000_000,
  /** Most bytes of all answers in an item. DynamoDB's limit is 400 KB; the rest is left for what others keep on it. */
  answersBytes: 300_000,
} as const;
