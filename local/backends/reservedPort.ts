/** A port for a process that begins to listen only seconds later, such as Java. */
import { createServer, type Server } from "node:net";

/**
 * Below the range from which systems give ports to outgoing connections and to servers that ask for any port (Linux: from
 * 32768, others: from 49152): a port below them stays free between the choice and its use.
 */
const [FIRST, LAST] = [20_000, 32_000];
const ATTEMPTS = 100;

export interface ReservedPort {
  readonly port: number;
  /** Releases the port for others. */
  release(): void;
}

/**
 * Chooses a free port, which no other process chooses by this function until it is released or this process ends. The
 * reservation is the next port: the process that listens there owns the pair.
 *
 * @throws Error after this many attempts that all found a port in use.
 */
export async function reservePort(random: () => number = Math.random): Promise<ReservedPort> {
  for (let attempt = 1; ; attempt++) {
    const port = FIRST + 2 * Math.floor((random() * (LAST - FIRST)) / 2);
    try {
      const reservation = await listen(port + 1, "127.0.0.1");
      try {
        await close(await listen(port));
        return { port, release: () => void reservation.close() };
      } catch (error) {
        await close(reservation);
        throw error;
      }
    } catch (error) {
      if (attempt === ATTEMPTS) throw new Error(`no free port after ${ATTEMPTS} attempts`, { cause: error });
    }
  }
}

/** @param host default: all addresses, as Java listens. */
function listen(port: number, host?: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).once("error", reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server.unref()));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
