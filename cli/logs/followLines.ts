import type { Clock } from "../../shared/clock";
import { type LinesQuery, type LogLine, readLines } from "./readLines";

/** Between two looks. */
const LOOK_MS = 2_000;
/** A line may become visible this much later than its time. */
const LATE_MS = 15_000;

/** Lines as they come, each once, until the signal is aborted. */
export async function* followLines(query: LinesQuery, clock: Clock): AsyncGenerator<LogLine> {
  const seen = new Map<string, number>();
  for (let { since } = query; !query.signal.aborted; ) {
    const looked = clock.now();
    try {
      for await (const line of readLines({ ...query, since })) {
        if (seen.has(line.eventId)) continue;
        seen.set(line.eventId, line.at);
        yield line;
      }
      since = Math.max(since, looked - LATE_MS);
      for (const [id, at] of seen) if (at < since) seen.delete(id);
      await clock.sleep(LOOK_MS, query.signal);
    } catch (error) {
      if (!query.signal.aborted) throw error;
    }
  }
}
