// fauxqs in a thread of its own: an ES module that jest, without --experimental-vm-modules, cannot load.
import { parentPort } from "node:worker_threads";
import { startFauxqs } from "fauxqs";

const server = await startFauxqs({ port: 0, logger: false });
parentPort.on("message", ({ id, method, args }) => {
  parentPort.postMessage({ id, result: server[method](...args) });
});
parentPort.postMessage({ port: server.port });
