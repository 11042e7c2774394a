/** Tables of the benchmark, and where they are. */

/** The table that is read, and updated; the table that is copied into; the jobs table. */
export const SOURCE = "orders";
export const COPY = "orders-copy";
export const JOBS = "jobs";

/** Endpoints. */
export interface Places {
  /** Endpoint of the stub, which has the tables of items. */
  readonly stub: string;
  /** Endpoint of DynamoDB Local, which has the jobs table. */
  readonly jobs: string;
}

/** A client's settings for an endpoint. */
export function settingsOf(endpoint: string) {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
}
