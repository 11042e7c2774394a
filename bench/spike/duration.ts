/** A time to two digits, in the largest unit that leaves it well above 1. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 7_200) return `${Number((seconds / 60).toPrecision(2))} min`;
  if (seconds < 172_800) return `${Number((seconds / 3_600).toPrecision(2))} h`;
  return `${Number((seconds / 86_400).toPrecision(2))} days`;
}
