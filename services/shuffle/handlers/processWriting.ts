/** ProcessNumber for operations that change tables. Wiring only. */
import { writingOperations } from "../../../shared/operations/writing";
import { numberWorker } from "../../../shared/worker/numberWorker";

export const handler = numberWorker(writingOperations, process.env);
