/** A random part of a source, for a dry run that needn't see everything. */

export interface Sample {
  /** Share of the items, above 0 and below 1. */
  readonly share: number;
  /** Decides which items those are. */
  readonly seed: string;
}

/** The sample that a request asks for; undefined: everything. */
export function sampleIn({ sample, jobId }: Readonly<Record<string, unknown>>): Sample | undefined {
  if (sample === undefined) return undefined;
  return { share: Number.parseFloat(sample as string) / 100, seed: (jobId as string | undefined) ?? "sample" };
}
