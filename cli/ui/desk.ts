/** The target of the page's requests: one stack, with the operator's own credentials. */
import type { Clock } from "../../shared/clock";
import type { Prices } from "../../shared/cost/prices";
import type { Operator } from "../operator";
import type { Session } from "../session";
import { JobWatches } from "./live/jobWatch";

export interface Desk {
  readonly session: Session;
  readonly operator: Operator;
  /** The stack's name. */
  readonly stack: string;
  readonly watches: JobWatches;
  readonly prices: Prices;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The project's folder, from which paths of lists of keys start. */
  readonly root: string;
}

export async function openDesk(session: Session, prices: Prices): Promise<Desk> {
  const { clock, random, root } = session.io;
  // Both now: the page still knows where to ask after the local cloud has stopped. A stack may have no intake.
  const [[, stack]] = await Promise.all([session.output("operator"), session.output("intake").catch(() => undefined)]);
  const operator = await session.operator();
  const watches = new JobWatches(operator, clock);
  return { session, operator, stack, watches, prices, clock, random, root };
}
