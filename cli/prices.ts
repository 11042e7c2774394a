/** The prices for commands: the list prices, or with `--prices` those of a file. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { listPrices, type Prices, pricesFrom } from "../shared/cost/prices";
import { SluiceError } from "../shared/errors";
import { whyUnreadable } from "./whyUnreadable";

export const PRICES_FLAG = [
  "--prices <file>",
  "JSON file with prices of your own, in the form of shared/cost/prices.json",
] as const;

export interface PricesFlags {
  readonly prices?: string;
}

/** @param root the folder that the file's path starts from. @throws SluiceError PRICES_UNREADABLE, PRICES_INVALID */
export async function readPrices(file: string | undefined, root: string): Promise<Prices> {
  if (file === undefined) return listPrices;
  const text = await readFile(resolve(root, file), "utf8").catch((cause) => {
    const message = `--prices must be a file with prices, but ${file} ${whyUnreadable(cause)}.`;
    throw new SluiceError("PRICES_UNREADABLE", message, { value: file, cause });
  });
  return pricesFrom(text, file);
}
