/** ProcessNumber for operations that change no table. Wiring only. */
import { readingOperations } from "../../../shared/operations/reading";
import { numberWorker } from "../../../shared/worker/numberWorker";

export const handler = numberWorker(readingOperations, process.env);
