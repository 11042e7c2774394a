import { randomUUID } from "node:crypto";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";

/** The supported inputs, by call. */
const HONOURED: Readonly<Record<string, readonly string[]>> = {
  GetSecretValue: ["SecretId", "VersionId", "VersionStage"],
  PutSecretValue: ["SecretId", "ClientRequestToken", "SecretString"],
};

/** Bytes of a value at most. */
const VALUE_MAX = 65_536;

interface Version {
  id: string;
  value: string;
  /** Seconds since the epoch. */
  createdAt: number;
}

interface Secret {
  name: string;
  versions: Map<string, Version>;
  /** Ids by staging label: `AWSCURRENT`, and `AWSPREVIOUS` from the second version on. */
  stages: Map<string, string>;
}

/** Secrets Manager: values of secrets, which the Pulumi program makes without one. */
export class Secrets {
  readonly #secrets = new Map<string, Secret>();

  add(arn: string, name: string): void {
    this.#secrets.set(arn, { name, versions: new Map(), stages: new Map() });
  }

  /** Answers a call of Secrets Manager. */
  handle({ action, input }: Call): BackendResponse {
    const honoured = HONOURED[action];
    if (honoured === undefined) return notHere(`does not answer ${action} of Secrets Manager`);
    const lost = Object.keys(input).filter((name) => input[name] !== undefined && !honoured.includes(name));
    if (lost.length > 0) return notHere(`does not honour ${lost.join(", ")} of ${action}`);
    const arn = String(input.SecretId);
    const secret = this.#secrets.get(arn);
    if (!secret) return missing("Secrets Manager can't find the specified secret.");
    return action === "GetSecretValue" ? value(arn, secret, input) : put(arn, secret, input);
  }
}

function value(ARN: string, { name, versions, stages }: Secret, input: Call["input"]): BackendResponse {
  const stage = String(input.VersionStage ?? "AWSCURRENT");
  const version = versions.get(String(input.VersionId ?? stages.get(stage)));
  if (!version || (input.VersionStage !== undefined && stages.get(stage) !== version.id)) {
    return missing(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);
  }
  const { id: VersionId, value: SecretString, createdAt: CreatedDate } = version;
  const VersionStages = stagesOf(stages, VersionId);
  return jsonResponse(200, { ARN, Name: name, VersionId, SecretString, VersionStages, CreatedDate });
}

/** The token is the version's id. A second put with the same value changes nothing; with another value it is refused. */
function put(ARN: string, { name, versions, stages }: Secret, input: Call["input"]): BackendResponse {
  const { SecretString, ClientRequestToken: id = randomUUID() } = input as Record<string, string>;
  if (typeof SecretString !== "string") return invalid("You must provide either SecretString or SecretBinary.");
  if (Buffer.byteLength(SecretString) > VALUE_MAX) return invalid(`SecretString has more than ${VALUE_MAX} bytes.`);
  if (id.length < 32 || id.length > 64) return invalid("ClientRequestToken must have 32 to 64 characters.");
  const known = versions.get(id);
  if (known && known.value !== SecretString) {
    return awsError("secretsmanager", 400, "ResourceExistsException", `A resource with the ID ${id} already exists.`);
  }
  if (!known) {
    versions.set(id, { id, value: SecretString, createdAt: Date.now() / 1000 });
    const before = stages.get("AWSCURRENT");
    if (before !== undefined) stages.set("AWSPREVIOUS", before);
    stages.set("AWSCURRENT", id);
  }
  return jsonResponse(200, { ARN, Name: name, VersionId: id, VersionStages: stagesOf(stages, id) });
}

function stagesOf(stages: Secret["stages"], id: string): string[] {
  return [...stages].filter(([, version]) => version === id).map(([stage]) => stage);
}

function missing(message: string): BackendResponse {
  return awsError("secretsmanager", 400, "ResourceNotFoundException", message);
}

function invalid(message: string): BackendResponse {
  return awsError("secretsmanager", 400, "InvalidParameterException", message);
}

function notHere(what: string): BackendResponse {
  return awsError("secretsmanager", 501, "NotImplemented", `The local cloud ${what}.`);
}
