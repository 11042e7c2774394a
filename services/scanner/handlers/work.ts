/** The reading worker: takes turns at chains from the queue. Wiring only. */
import { readingOperations } from "../../../shared/operations/reading";
import { queueWorker } from "../../../shared/worker/queueWorker";

export const handler = queueWorker(readingOperations, process.env);
