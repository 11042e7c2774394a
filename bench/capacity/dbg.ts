import { MachineClock, VirtualTime } from "./virtualTime";
import { Ledger } from "../../shared/capacity/ledger";
import { CapacityLimiter } from "../../shared/capacity/limiter";
import { MemoryStore } from "../../shared/capacity/memoryStore";
async function main() {
  const time = new VirtualTime();
  const store = new MemoryStore(); const ledger = new Ledger(store); let n = 0;
  const clocks = [0,1,2,3].map(() => new MachineClock(time, 0));
  const ls = clocks.map((clock) => { const l = new CapacityLimiter({ ledger, clock, limits: { table: 100 } });
  l.open(); for (let j=0;j<4;j++) void (async () => { for (;;) { const p = await l.acquire(); n++; await clock.sleep(5); p.charge({ table: 1 }); } })(); return l; });
  for (let t = 9500; t < 14000; t += 100) { await time.runUntil(t); if (t===10000) {clocks[0]!.crash(); clocks[1]!.crash();} const s = (ls[3] as any).session; const clock=clocks[3]!; console.log(t, n, "q", ((await ledger.read()).until - clock.now()).toFixed(0), "est", s.estimate.ms.toFixed(1), "held", s.account.held.toFixed(1), "lag", s.account.lag(clock.now()).toFixed(1), "owed", s.reserver.owed.toFixed(1), "next", s.reserver.nextAt - clock.now(), "haste", s.reserver.haste, s.queue.size, s.inFlight, s.reserver.workers.count); }
}
main();
