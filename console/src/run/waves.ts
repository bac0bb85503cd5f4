// The order in which steps can run: each wave needs only what is in the waves before it.

import { predecessors } from "../workflow/analysis";
import type { Step, Workflow } from "../workflow/state";

export function wavesOf(workflow: Workflow): Step[][] {
  const wave = new Map<string, number>();
  const of = (name: string): number => {
    const known = wave.get(name);
    if (known !== undefined) return known;
    // A plan that is being edited may have a circle, which ends here.
    wave.set(name, 0);
    const after = predecessors(workflow, name).map((before) => of(before) + 1);
    const at = Math.max(0, ...after);
    wave.set(name, at);
    return at;
  };
  const waves: Step[][] = [];
  for (const step of workflow.steps) {
    const at = of(step.name);
    waves[at] = [...(waves[at] ?? []), step];
  }
  return waves.filter((steps) => steps !== undefined);
}
