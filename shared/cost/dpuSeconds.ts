/** The usage that Glue bills for runs. Pure. */

/** Billed DPU-seconds, by execution class. */
export interface DpuSeconds {
  readonly standard: number;
  readonly flex: number;
}

export const noDpuSeconds: DpuSeconds = { standard: 0, flex: 0 };

export function dpuSecondsOf(runs: readonly { readonly dpuSeconds: number; readonly flex: boolean }[]): DpuSeconds {
  const sum = (flex: boolean) => runs.reduce((all, run) => all + (run.flex === flex ? run.dpuSeconds : 0), 0);
  return { standard: sum(false), flex: sum(true) };
}

/** The shortest duration that is billed for a run, seconds: https://aws.amazon.com/glue/pricing/ */
export const LEAST_BILLED_SECONDS = 60;
