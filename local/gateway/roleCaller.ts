import type { BackendRequest, BackendResponse } from "./message";
import type { Principal, Principals } from "./principals";

export interface RoleCallerOptions {
  principals: Principals;
  region: string;
  /** Where the gateway listens. */
  endpoint: () => string;
  /** The gateway's own `handle`: evaluates permissions, injects faults, counts. */
  handle: (request: BackendRequest) => Promise<BackendResponse>;
  roleArn: string;
  /** Of what acts with the role: its calls are counted under it. */
  name: string;
}

/** `headers`: besides those of every request. Default: none. */
export type RoleRequest = Pick<BackendRequest, "method" | "url" | "body"> & Partial<Pick<BackendRequest, "headers">>;

/** Calls AWS through the gateway with a role, as Step Functions and Glue do with the role of what they run. */
export class RoleCaller {
  readonly #options: RoleCallerOptions;
  readonly #accessKeyId: string;
  readonly principal: Principal;

  constructor(options: RoleCallerOptions) {
    const { principals, roleArn, name } = options;
    this.#options = options;
    this.principal = { kind: "role", roleArn, sessionName: name, name, waitsForRoom: true };
    this.#accessKeyId = principals.issue(this.principal).accessKeyId;
  }

  send(service: "lambda" | "s3", { method, url, body, headers: given = {} }: RoleRequest): Promise<BackendResponse> {
    const { region, endpoint, handle } = this.#options;
    const authorization = `AWS4-HMAC-SHA256 Credential=${this.#accessKeyId}/20200101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { ...given, authorization, host: new URL(endpoint()).host, "content-length": String(body.length) };
    return handle({ method, url, headers, body });
  }
}
