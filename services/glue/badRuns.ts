/** Metric of the function that handles the ends of runs: runs that failed, timed out or were stopped. */
export const BAD_RUNS = "BadRuns";
