import { startLocalCloud } from "/work/main/local/cloud";
(async () => {
  const c = await startLocalCloud({ onLog: (g, t) => process.stdout.write(t) });
  console.log(c);
  await c.stop();
  console.log("stopped");
})();
