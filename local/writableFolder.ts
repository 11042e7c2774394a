import { accessSync, constants, mkdirSync } from "node:fs";
import { SluiceError } from "../shared/errors";

/** Makes a folder, unless it is there. @throws SluiceError BAD_OPTION if nothing can be written there */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const message = `Files are written to the folder ${path}, but that isn't possible: ${(cause as Error).message}.`;
    throw new SluiceError("BAD_OPTION", message, { value: path, cause });
  }
}
