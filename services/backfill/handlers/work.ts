/** The writing worker: takes turns at chains from the queue. Wiring only. */
import { writingOperations } from "../../../shared/operations/writing";
import { queueWorker } from "../../../shared/worker/queueWorker";

export const handler = queueWorker(writingOperations, process.env);
