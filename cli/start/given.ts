/** Reads what was typed after `start` or `estimate`. The session reports all problems that this machine can find. */
import type { FilterSpecification } from "@aws-sdk/client-dynamodb";
import type { Prices } from "../../shared/cost/prices";
import { checkUsage } from "../command";
import { type PricesFlags, readPrices } from "../prices";
import type { StartFlags } from "../requestFlags";
import type { Session } from "../session";
import { type ExportFlags, exportFilterOf } from "./exportFlags";
import { checkLocalList } from "./localList";
import { type IdentifiedRequest, localListOf, newJobId, startRequest } from "./request";

export interface GivenStart {
  readonly request: IdentifiedRequest;
  readonly prices: Prices;
  /** Path of the list of keys on this machine. Undefined: the job reads none. */
  readonly list: string | undefined;
  /** Which part of the table is exported first. Undefined: all of it, or there is no export. */
  readonly filter: FilterSpecification | undefined;
}

/** With a problem, something of it is missing: `session.operator` throws then. */
export async function givenStart(
  session: Session,
  operation: string,
  table: string,
  flags: StartFlags & PricesFlags & ExportFlags,
): Promise<GivenStart> {
  const { clock, random, root } = session.io;
  const source = typeof flags.source === "string" ? { source: flags.source } : {};
  const list = localListOf(source);
  const id = newJobId(operation ?? "", clock.now(), random);
  const { request, problems } = startRequest(operation, table, flags, id);
  await session.read(() => checkUsage(problems));
  const filter = await session.read(() => exportFilterOf(flags, source));
  if (list !== undefined) await session.read(() => checkLocalList(list, root));
  const prices = await session.read(() => readPrices(flags.prices, root));
  return { request, list, filter, prices };
}
