import type { Call } from "../../../local/gateway/call";
import { awsError } from "../../../local/gateway/errors";
import { Gateway } from "../../../local/gateway/gateway";
import { IdentityPools } from "../../../local/gateway/identityPools";
import { type BackendResponse, jsonResponse, xmlResponse } from "../../../local/gateway/message";
import { awsManagedPolicies } from "../../../local/gateway/permissions/callers/managedPolicies";
import { objectsToDelete } from "../../../local/gateway/permissions/needs/deleteObjects";
import { Permissions } from "../../../local/gateway/permissions/permissions";
import { permissionStage } from "../../../local/gateway/permissions/stage";
import { Principals } from "../../../local/gateway/principals";
import { type PolicyDocument, Roles } from "../../../local/roles";
import { systemClock } from "../../../shared/clock";
import type { SluiceError } from "../../../shared/errors";
import { ACCOUNT, document, REGION, trustOf } from "./policies";

/** A gateway with permissions, in front of backends that give every call a minimal answer. */
export class TestGateway {
  readonly roles = new Roles();
  readonly principals = new Principals();
  readonly refusals: SluiceError[] = [];
  /** Calls that reached a backend. */
  readonly reached: Call[] = [];
  readonly permissions = new Permissions({
    roles: this.roles,
    place: { accountId: ACCOUNT, region: REGION, hashKeyOf: async () => "id" },
    onRefusal: (refusal) => this.refusals.push(refusal),
  });
  readonly identityPools = new IdentityPools(this.roles, this.principals, this.permissions);
  /** Object keys for which S3 answers 404. */
  readonly missingKeys = new Set<string>();
  endpoint = "";
  readonly #gateway: Gateway;

  constructor() {
    for (const policy of awsManagedPolicies) this.roles.addManagedPolicy(policy);
    const reached = (answer: (call: Call) => BackendResponse) => async (call: Call) => {
      this.reached.push(call);
      return answer(call);
    };
    this.#gateway = new Gateway({
      principals: this.principals,
      clock: systemClock,
      stages: [permissionStage(this.permissions)],
      administration: async () => awsError("s3", 404, "NotFound", "nothing"),
      backends: {
        dynamodb: reached(() => jsonResponse(200, {})),
        sqs: reached(() => jsonResponse(200, {})),
        s3: reached((call) => this.#s3(call)),
        sts: (call) => this.identityPools.sts(call),
        "cognito-identity": (call) => this.identityPools.cognito(call),
      },
    });
  }

  async listen(): Promise<void> {
    this.endpoint = `http://127.0.0.1:${await this.#gateway.listen(0)}`;
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }

  /** Makes a role, with one inline policy of these statements. */
  role(name: string, statements: object[] = [], { account = ACCOUNT, trust = trustOf("lambda.amazonaws.com") } = {}) {
    const arn = `arn:aws:iam::${account}:role/${name}`;
    this.roles.add({ name, logicalName: name, arn, trust });
    if (statements.length > 0) {
      const policy: PolicyDocument = document(...(statements as Record<string, unknown>[]));
      this.roles.putPolicy(name, { name: `${name}-policy`, logicalName: `${name}-policy`, document: policy });
    }
    return arn;
  }

  /** Settings of an SDK client that calls as a role of `role()`, or as the administrator. */
  as(roleArn: string | "administrator") {
    const principal =
      roleArn === "administrator"
        ? ({ kind: "administrator" } as const)
        : ({ kind: "role", roleArn, sessionName: "session" } as const);
    const credentials = this.principals.issue(principal);
    return { endpoint: this.endpoint, region: REGION, credentials, maxAttempts: 1, forcePathStyle: true };
  }

  #s3({ action, request }: Call): BackendResponse {
    if (action === "DeleteObjects") {
      const deleted = objectsToDelete(request).map(({ key }) => `<Deleted><Key>${key}</Key></Deleted>`);
      return xmlResponse(200, `<DeleteResult>${deleted.join("")}</DeleteResult>`);
    }
    if ([...this.missingKeys].some((key) => request.url.split("?")[0]?.endsWith(`/${key}`))) {
      return awsError("s3", 404, "NoSuchKey", "The specified key does not exist.");
    }
    return xmlResponse(200, action.startsWith("List") ? "<ListBucketResult></ListBucketResult>" : "");
  }
}

/** Name, status and message of the error a call ends with. */
export async function refusalBy(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
    return { name, message, status: $metadata.httpStatusCode };
  }
  throw new Error("the call was not refused");
}
