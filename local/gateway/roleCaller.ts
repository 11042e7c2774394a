import type { Gateway } from "./gateway";
import type { BackendRequest, BackendResponse } from "./message";
import type { Principal } from "./principals";

export interface RoleCallerOptions {
  /** Where the gateway listens. */
  endpoint: () => string;
  /** The gateway's own: evaluates permissions, injects faults, counts. */
  call: Gateway["call"];
  roleArn: string;
  /** Name of the caller that uses the role. Its calls are counted under this name. */
  name: string;
}

/** `headers`: in addition to those of every request. Default: none. */
export type RoleRequest = Pick<BackendRequest, "method" | "url" | "body"> & Partial<Pick<BackendRequest, "headers">>;

/** Calls AWS through the gateway with a role, as Step Functions and Glue do with the role of a state machine or a job. */
export class RoleCaller {
  readonly #options: RoleCallerOptions;
  readonly principal: Principal;

  constructor(options: RoleCallerOptions) {
    const { roleArn, name } = options;
    this.#options = options;
    this.principal = { kind: "role", roleArn, sessionName: name, name, waitsForRoom: true };
  }

  send(service: "lambda" | "s3", { method, url, body, headers: given = {} }: RoleRequest): Promise<BackendResponse> {
    const { endpoint, call } = this.#options;
    const headers = { ...given, host: new URL(endpoint()).host, "content-length": String(body.length) };
    return call(this.principal, service, { method, url, headers, body });
  }
}
