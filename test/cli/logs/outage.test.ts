import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sluice, stackAt } from "../operatorStack";

const logs = { region: "us-east-1", groups: { start: "start-log", scanner: "scanner-log" } };

test("an outage is reported once, and the lines follow when it is over", async () => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.writeHead(calls <= 8 ? 503 : 200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ events: [] }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const root = await stackAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { logs });
  const { code, stdout, stderr } = await sluice(root, ["logs", "--json"]);
  server.close();
  expect([code, JSON.parse(stdout).lines]).toEqual([0, []]);
  expect(stderr).toMatch(/^AWS failed with [^\n]+ Trying again …\n$/);
});
