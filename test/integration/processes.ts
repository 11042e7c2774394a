import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface Process {
  pid: number;
  parent: number;
  /** The command line, its words separated by spaces. */
  args: string;
}

/** A process and all that it started, directly or not. */
export function processesBelow(pid: number): Process[] {
  const all = allProcesses();
  const below = new Set([pid]);
  // A child may be listed before its parent, so there is a round for each generation.
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const process of all) if (below.has(process.parent)) below.add(process.pid);
  }
  return all.filter((process) => below.has(process.pid));
}

/** Whether a process with this id still exists. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether all of them end in time. */
export async function gone(pids: number[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (pids.some(alive) && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 50));
  return !pids.some(alive);
}

/** From /proc if it exists: a bare Linux has no `ps`, and macOS has no /proc. */
function allProcesses(): Process[] {
  return existsSync("/proc/self/stat") ? fromProc() : fromPs();
}

function fromProc(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The second field is the name in brackets, which may hold anything; the parent is the second one after it.
      const parent = Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
      const args = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(name), parent, args }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function fromPs(): Process[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  return rows.map((row) => {
    const [, pid, parent, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
    return { pid: Number(pid), parent: Number(parent), args };
  });
}
