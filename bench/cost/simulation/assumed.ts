/**
 * What services and a worker take for a page, as far as a simulation has to assume it. CPU times are those of
 * `npm run bench -- worker-memory` (256 MB, November 2026), by two sizes of pages.
 */
import { cpuShareOf } from "../../worker-memory/cpuShare";
import type { OperationName } from "../jobs";

/** CPU time of a request and of each MB that it reads, milliseconds. */
const CPU_MS: Readonly<Record<OperationName, { readonly request: number; readonly megabyte: number }>> = {
  count: { request: 2.1, megabyte: 17 },
  export: { request: 2.1, megabyte: 36 },
};

/** What the service takes for a request and for each MB that it reads, milliseconds: the benchmark's own assumption. */
const SERVICE_MS = { request: 8, megabyte: 100 };

/** What deflating leaves of an item's bytes in JSON. */
export const DEFLATED_SHARE = 0.3;
/** What an object's put, get and removal take, milliseconds. */
export const PUT_MS = 50;
export const GET_MS = 30;
/** What a worker's request to SQS takes, milliseconds. */
export const QUEUE_MS = 8;
/** What starting an instance takes with 256 MB, milliseconds: the bundle loads at a full CPU during the initialisation. */
export const INIT_MS = 400;

/** What a page takes with the CPU that goes with a worker's memory. */
export function pageTimes(operation: OperationName, memoryMegabytes: number) {
  const share = cpuShareOf(memoryMegabytes);
  const { request, megabyte } = CPU_MS[operation];
  return {
    requestMs: SERVICE_MS.request + request / share,
    msPerMegabyte: SERVICE_MS.megabyte + megabyte / share,
  };
}
