import { createServer, type Server } from "node:net";
import { reservePort } from "../../../local/backends/reservedPort";

/** Chooses these ports one after the other. */
const choosing = (...ports: number[]) => {
  const left = [...ports];
  return () => ((left.shift() ?? Number.NaN) + 0.5 - 20_000) / 12_000;
};

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

test("a port that somebody listens on is not chosen", async () => {
  const { port, release } = await reservePort();
  release();
  const server = await listen(port);
  const other = await reservePort(choosing(port, 20_000 + ((port + 2) % 12_000)));
  expect(other.port).not.toBe(port);
  other.release();
  server.close();
});

test("a chosen port isn't chosen again until it is released, even if nobody listens on it yet", async () => {
  const first = await reservePort();
  const next = 20_000 + ((first.port + 2) % 12_000);
  const second = await reservePort(choosing(first.port, next, next + 2, next + 4));
  expect(second.port).not.toBe(first.port);
  second.release();
  first.release();
  const again = await reservePort(choosing(first.port));
  expect(again.port).toBe(first.port);
  again.release();
});

test("a chosen port can be listened on", async () => {
  const { port, release } = await reservePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  (await listen(port)).close();
  release();
});
