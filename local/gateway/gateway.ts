import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../shared/clock";
import { SluiceError } from "../../shared/errors";
import { type Call, operationOf, type Service, unsignedService } from "./call";
import { awsError } from "./errors";
import { type BackendRequest, type BackendResponse, brokenConnection } from "./message";
import type { Principal, Principals } from "./principals";
import { type Protocol, protocolOf, protocolOfRequest, protocolOfService } from "./protocol";
import { refused } from "./signature/refusals";
import { signatureOf } from "./signature/signature";
import { Verifier } from "./signature/verifier";

/** The largest body taken: S3's parts and Lambda's payloads fit. */
const MAX_BODY_BYTES = 64 * 1_048_576;

/** Answers a call, or looks at it and hands it on. */
export type Stage = (call: Call, next: () => Promise<BackendResponse>) => Promise<BackendResponse>;
export type Backend = (call: Call) => Promise<BackendResponse>;
/** Serves requests that are not AWS's: paths below `/_sluice/`. */
export type Administration = (request: BackendRequest) => Promise<BackendResponse>;

export interface GatewayOptions {
  principals: Principals;
  /** The clock by which signatures expire. */
  clock: Clock;
  /** Services without one are answered with 501. */
  backends: Partial<Record<Service, Backend>>;
  /** The stages that every call passes, in this order, before its backend. */
  stages: Stage[];
  administration: Administration;
}

/** The one endpoint of the local cloud: finds out who calls what, and passes the call through its stages. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #verifier: Verifier;
  readonly #server: Server;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#verifier = new Verifier(options.principals, options.clock);
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
    // Longer than SDKs keep idle connections, so that the server never closes a connection under a request.
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

  /** Answers a request as it comes over HTTP, for the caller who signed it. Never rejects. */
  async handle(request: BackendRequest): Promise<BackendResponse> {
    const signature = signatureOf(request);
    const service = signature?.service ?? unsignedService(request);
    if (service === undefined) return unsigned(request);
    const protocol = protocolOf(service, request);
    if (!this.#has(service)) {
      return awsError(service, 501, "NotImplemented", `The local cloud has no service ${service}.`, { protocol });
    }
    if (protocol !== protocolOfService(service)) return notSpoken(service, protocol);
    if (!signature) return this.call("anonymous", service, request);
    const verified = await this.#verifier.verify(request, signature).catch((error: unknown) => {
      return unreadable(service, error);
    });
    if ("status" in verified) return verified;
    if ("rejection" in verified) return refused(service, protocol, verified.rejection);
    return this.call(verified.key.principal, service, verified.request);
  }

  /** Answers a call whose caller is known, such as one from inside the local cloud. Never rejects. */
  async call(principal: Principal | "anonymous", service: Service, request: BackendRequest): Promise<BackendResponse> {
    try {
      const operation = understood(service, request);
      if ("status" in operation) return operation;
      const call: Call = { service, principal, request, ...operation };
      const pass = (index: number): Promise<BackendResponse> => {
        const stage = this.#options.stages[index];
        return stage ? stage(call, () => pass(index + 1)) : (this.#options.backends[service] as Backend)(call);
      };
      return await pass(0);
    } catch (error) {
      return awsError(service, 500, "InternalFailure", String(error));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #has(service: string): service is Service {
    return Object.hasOwn(this.#options.backends, service);
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

/** The operation, or AWS's answer if path or body can't be read. */
function understood(service: Service, request: BackendRequest): ReturnType<typeof operationOf> | BackendResponse {
  try {
    return operationOf(service, request);
  } catch (error) {
    return unreadable(service, error);
  }
}

function unreadable(service: string, error: unknown): BackendResponse {
  return awsError(service, 400, service === "s3" ? "InvalidURI" : "SerializationException", String(error));
}

/** The error for a request without a signature of version 4. Such a request doesn't show its service. */
function unsigned(request: BackendRequest): BackendResponse {
  const protocol = protocolOfRequest(request) ?? "rest-xml";
  // S3's older signature; some SDKs still presign with it.
  if (/^AWS |[?&]AWSAccessKeyId=/.test(`${request.headers.authorization ?? request.url}`)) {
    const message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    return awsError("s3", 400, "InvalidRequest", message);
  }
  const code =
    protocol === "json" || protocol === "cbor" ? "MissingAuthenticationTokenException" : "MissingAuthenticationToken";
  return awsError("", 403, code, "The request has no AWS signature.", { protocol });
}

function notSpoken(service: Service, protocol: Protocol): BackendResponse {
  const message = `The local cloud answers ${service} in ${protocolOfService(service)} only, and the call came in ${protocol}.`;
  return awsError(service, 501, "NotImplemented", message, { protocol });
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const why = error.code === "EADDRINUSE" ? "is in use" : "may not be used by you";
  const help = "choose another with --port, or leave out --port for a free one";
  return new SluiceError("PORT_IN_USE", `Port ${port} ${why}: ${help}.`, { value: port });
}
