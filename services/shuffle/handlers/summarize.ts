/** Summarize: ends the job once no unit is left. Wiring only. */
import { allOperations } from "../../../shared/operations/all";
import { summarizeWorker } from "../../../shared/worker/summarizeWorker";

export const handler = summarizeWorker(allOperations, process.env);
