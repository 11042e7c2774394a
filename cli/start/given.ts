/** Reads what was typed after `start` or `estimate`, with all problems that this machine can find. */
import type { FilterSpecification } from "@aws-sdk/client-dynamodb";
import type { Prices } from "../../shared/cost/prices";
import { usage } from "../command";
import { reportOf } from "../errors";
import { type PricesFlags, readPrices } from "../prices";
import type { Session } from "../session";
import { type ExportFlags, exportFilterOf } from "./exportFlags";
import { checkLocalList } from "./localList";
import { type IdentifiedRequest, localListOf, newJobId, type StartFlags, startRequest } from "./request";

export interface GivenStart {
  readonly request: IdentifiedRequest;
  readonly prices: Prices;
  /** Path of the list of keys on this machine. Undefined: the job reads none. */
  readonly list: string | undefined;
  /** Which part of the table is exported first. Undefined: all of it, or there is no export. */
  readonly filter: FilterSpecification | undefined;
}

/** @throws RequestProblems `USAGE` with every problem */
export async function givenStart(
  { io }: Session,
  operation: string,
  table: string,
  flags: StartFlags & PricesFlags & ExportFlags,
): Promise<GivenStart> {
  const { clock, random, root } = io;
  const source = typeof flags.source === "string" ? { source: flags.source } : {};
  const list = localListOf(source);
  const problems: string[] = [];
  const collect = async <T>(read: () => T | Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      problems.push(...reportOf(error).document.error.problems);
      return undefined as T;
    }
  };
  const request = await collect(() =>
    startRequest(operation, table, flags, newJobId(operation ?? "", clock.now(), random)),
  );
  const filter = await collect(() => exportFilterOf(flags, source));
  if (list !== undefined) await collect(() => checkLocalList(list, root));
  const prices = await collect(() => readPrices(flags.prices, root));
  if (problems.length > 0) throw usage(problems);
  return { request, list, filter, prices };
}
