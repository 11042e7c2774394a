import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { SluiceError } from "../../shared/errors";
import { type Call, operationOf, type Service, signatureOf, unsignedService } from "./call";
import { awsError } from "./errors";
import { type BackendRequest, type BackendResponse, brokenConnection } from "./message";
import type { Principals } from "./principals";

/** The largest body taken: S3's parts and Lambda's payloads fit. */
const MAX_BODY_BYTES = 64 * 1_048_576;

/** Answers a call, or looks at it and hands it on. */
export type Stage = (call: Call, next: () => Promise<BackendResponse>) => Promise<BackendResponse>;
export type Backend = (call: Call) => Promise<BackendResponse>;
/** Serves what is not AWS: paths below `/_sluice/`. */
export type Administration = (request: BackendRequest) => Promise<BackendResponse>;

export interface GatewayOptions {
  principals: Principals;
  /** Services without one are answered with 501. */
  backends: Partial<Record<Service, Backend>>;
  /** What every call passes through, in this order, before its backend. */
  stages: Stage[];
  administration: Administration;
}

/** The one endpoint of the local cloud: finds out who calls what, and passes the call through its stages. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server: Server;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
    // Longer than SDKs keep idle connections, so that it is never the server that closes under a request.
    this.#server.keepAliveTimeout = 120_000;
  }

  /**
   * @param port 0 for a free one.
   * @returns the port.
   * @throws SluiceError PORT_IN_USE.
   */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
      this.#server.listen(port, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  /** Answers a request, over HTTP or from inside the local cloud. Never rejects. */
  async handle(request: BackendRequest): Promise<BackendResponse> {
    const signature = signatureOf(request);
    const service = (signature?.service ?? unsignedService(request)) as Service | undefined;
    try {
      if (!service) return awsError("s3", 403, "MissingAuthenticationToken", "The request has no AWS signature.");
      const backend = Object.hasOwn(this.#options.backends, service) && this.#options.backends[service];
      if (!backend) return awsError(service, 501, "NotImplemented", `The local cloud has no service ${service}.`);
      const principal = signature ? this.#options.principals.find(signature.accessKeyId) : "anonymous";
      if (!principal) return unknownKey(service);
      const operation = understood(service, request);
      if ("status" in operation) return operation;
      const call: Call = { service, principal, request, ...operation };
      const pass = (index: number): Promise<BackendResponse> => {
        const stage = this.#options.stages[index];
        return stage ? stage(call, () => pass(index + 1)) : backend(call);
      };
      return await pass(0);
    } catch (error) {
      return awsError(service ?? "s3", 500, "InternalFailure", String(error));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const body = await readBody(incoming);
      const request = { method: incoming.method ?? "GET", url: incoming.url ?? "/", headers: incoming.headers, body };
      const administrative = request.url.startsWith("/_sluice/");
      const response = await (administrative ? this.#options.administration(request) : this.handle(request));
      if (response === brokenConnection) return void incoming.socket.destroy();
      const headers = { ...response.headers };
      delete headers["transfer-encoding"];
      delete headers.connection;
      outgoing.writeHead(response.status, headers);
      outgoing.end(request.method === "HEAD" ? undefined : response.body);
    } catch {
      incoming.socket.destroy();
    }
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Error(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** The operation, or what AWS answers where path or body cannot be read. */
function understood(service: Service, request: BackendRequest): ReturnType<typeof operationOf> | BackendResponse {
  try {
    return operationOf(service, request);
  } catch (error) {
    return awsError(service, 400, service === "s3" ? "InvalidURI" : "SerializationException", String(error));
  }
}

/** What services call an access key they do not know; the others say `InvalidClientTokenId`. */
const UNKNOWN_KEY: Partial<Record<Service, string>> = {
  s3: "InvalidAccessKeyId",
  dynamodb: "UnrecognizedClientException",
  lambda: "UnrecognizedClientException",
  events: "UnrecognizedClientException",
  states: "UnrecognizedClientException",
  glue: "UnrecognizedClientException",
  secretsmanager: "UnrecognizedClientException",
};

function unknownKey(service: Service): BackendResponse {
  const code = UNKNOWN_KEY[service] ?? "InvalidClientTokenId";
  return awsError(service, 403, code, "The access key is not one of the local cloud's; see .sluice/local.json.");
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const why = error.code === "EADDRINUSE" ? "is in use" : "may not be used by you";
  const help = "choose another with --port, or leave --port away for a free one";
  return new SluiceError("PORT_IN_USE", `Port ${port} ${why}: ${help}.`, { value: port });
}
