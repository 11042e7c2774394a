/** Prefix of all lists of numbers in the results bucket. */
export const NUMBERS_PREFIX = "numbers/";

/** Key of the list of an epoch's numbers. A later round of the epoch puts its list in its place. */
export function numbersKey({ job, epoch }: { readonly job: string; readonly epoch: number }): string {
  return `${numbersPrefix(job)}${epoch}.json`;
}

/** Prefix of a job's lists. */
export function numbersPrefix(job: string): string {
  return `${NUMBERS_PREFIX}${job}/`;
}
