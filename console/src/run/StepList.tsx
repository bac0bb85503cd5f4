import type { RefObject } from "preact";
import type { Step, Workflow } from "../workflow/state";
import type { Drafted } from "./drafted";
import { useFollowing } from "./following";
import { StepNode } from "./StepNode";
import { wavesOf } from "./waves";

interface Props {
  workflow: Workflow;
  marks: Drafted["marks"];
  now: number;
  frame: RefObject<HTMLDivElement | null>;
  isSelected: (step: Step) => boolean;
  onPick: (name: string) => void;
}

/** The steps in the order in which they can run, each with what it needs: where a graph would be too small to read. */
export function StepList({ workflow, marks, now, frame, isSelected, onPick }: Props) {
  useFollowing(
    frame,
    workflow,
    (name) => {
      const [at, row] = [frame.current, frame.current?.querySelector(`[data-step="${CSS.escape(name)}"]`)];
      return at && row
        ? { x: 0, y: row.getBoundingClientRect().top - at.getBoundingClientRect().top + at.scrollTop }
        : null;
    },
    [],
  );
  return wavesOf(workflow).map((wave, index) => {
    const words = wordsOf(wave, index);
    return (
      <section key={wave[0]?.name} class="wave">
        {words && (
          <h3>
            {words} <span class="badge">{wave.length}</span>
          </h3>
        )}
        <ul>
          {wave.map((step) => (
            <li key={step.name}>
              <StepNode
                {...{ step, workflow, now, onPick }}
                mark={marks?.get(step.name) ?? null}
                size="line"
                selected={isSelected(step)}
              />
            </li>
          ))}
        </ul>
      </section>
    );
  });
}

/** None above the plan and the synthesis, whose names say it. */
function wordsOf(wave: Step[], index: number): string {
  if (!wave.some((step) => step.kind === "subtask" || step.kind === "reduce")) return "";
  if (wave.every((step) => step.kind === "reduce")) return "Condense";
  return index <= 1 ? "At once" : "Then";
}
