import type { Stretch, WorkTools } from "../engine/unitWork";
import type { Checkpoint } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import type { UnitsProgress } from "./workParts";

/** Sums up what checkpoints add to units. */
export class UnitsTally {
  private items = 0;
  private rcu = 0;

  /** Does work on a unit, and counts the checkpoints that it saves and the one that it ends with. */
  async of(unit: Unit, tools: WorkTools, work: (tools: WorkTools) => Promise<Stretch>): Promise<Stretch> {
    let { counts } = unit;
    const add = (checkpoint: Checkpoint) => {
      this.items += checkpoint.counts.items - counts.items;
      this.rcu += checkpoint.counts.rcu - counts.rcu;
      counts = checkpoint.counts;
    };
    const save: WorkTools["save"] = async (checkpoint) => {
      await tools.save(checkpoint);
      add(checkpoint);
    };
    const stretch = await work({ ...tools, save });
    const last = stretch.end === "exhausted" ? stretch.checkpoint : stretch.unsaved;
    if (last !== undefined) add(last);
    return stretch;
  }

  /** The counts since the last call. */
  take(): UnitsProgress {
    const { items, rcu } = this;
    this.items = 0;
    this.rcu = 0;
    return { items, rcu };
  }
}
