/**
 * Limits of submissions that don't depend on the stack's config. The store function checks them, and the sender knows
 * them.
 */
export const LIMITS = {
  /** Most characters of a free text. */
  freetextCharacters: 10_000,
  /** Most seconds of answering: a lifetime, far within the numbers that DynamoDB holds. */
  secondsMax: 1_000_000_000,
  /** Most bytes of all answers in an item. DynamoDB's limit is 400 KB; the rest is for others' attributes on the item. */
  answersBytes: 300_000,
} as const;
