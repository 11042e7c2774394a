import { SluiceError } from "../shared/errors";
import type { Session } from "./session";

/**
 * Checks that somebody can be asked, if a question is open.
 * @param problem why nobody can, and what to do instead, a sentence. @throws SluiceError USAGE
 */
export function checkAskable({ ask }: Pick<Session["io"], "ask">, isAnswered: boolean, problem: string): void {
  if (!isAnswered && ask === undefined) throw new SluiceError("USAGE", problem);
}
