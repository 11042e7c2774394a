/**
 * Times that a simulation has to assume for services and workers. CPU times come from `npm run bench -- worker-memory` (256
 * MB, two page sizes, November 2026).
 */
import { cpuShareOf } from "../../worker-memory/cpuShare";
import type { OperationName } from "../jobs";

/** CPU time of a request and of each MB that it reads, milliseconds. */
const CPU_MS: Readonly<Record<OperationName, { readonly request: number; readonly megabyte: number }>> = {
  count: { request: 2.1, megabyte: 17 },
  export: { request: 2.1, megabyte: 36 },
};

/** Time of the service for a request and for each MB that it reads, milliseconds: that benchmark's own assumption. */
const SERVICE_MS = { request: 8, megabyte: 100 };

/** Share of an item's JSON bytes after deflating. */
export const DEFLATED_SHARE = 0.3;
/** Time of an object's put, get and removal, milliseconds. */
export const PUT_MS = 50;
export const GET_MS = 30;
/** Time of a worker's request to SQS, milliseconds. */
export const QUEUE_MS = 8;
/** Time to start an instance with 256 MB, milliseconds: the bundle loads at a full CPU during the initialisation. */
export const INIT_MS = 400;

/** Times of a page with the CPU that goes with a worker's memory. */
export function pageTimes(operation: OperationName, memoryMegabytes: number) {
  const share = cpuShareOf(memoryMegabytes);
  const { request, megabyte } = CPU_MS[operation];
  return {
    requestMs: SERVICE_MS.request + request / share,
    msPerMegabyte: SERVICE_MS.megabyte + megabyte / share,
  };
}
