/** Serves the page on 127.0.0.1 until it is closed. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { SluiceError } from "../../shared/errors";
import { appOf } from "./app";
import type { Desk } from "./desk";
import { pageFiles } from "./pageFiles";

export interface UiServer {
  /** The address of the page, with the token in its fragment. */
  readonly address: string;
  close(): Promise<void>;
}

/** @param port 0: a free one. @throws SluiceError PORT_TAKEN */
export async function serveUi(desk: Desk, port: number): Promise<UiServer> {
  const token = randomBytes(24).toString("base64url");
  const stopping = new AbortController();
  const files = await pageFiles();
  const app = appOf({ desk, token, files, port: () => bound(server), signal: stopping.signal });
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await listen(server, port);
  return {
    address: `http://127.0.0.1:${bound(server)}/#token=${token}`,
    async close() {
      stopping.abort();
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}

function bound(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Why a port can't be had. */
const REFUSED: Readonly<Record<string, string>> = { EADDRINUSE: "taken", EACCES: "not available to you" };

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = REFUSED[cause.code ?? ""];
      if (reason === undefined) return reject(cause);
      const message = `Port ${port} is ${reason}: choose another one with --port.`;
      reject(new SluiceError("PORT_TAKEN", message, { value: port, cause }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
