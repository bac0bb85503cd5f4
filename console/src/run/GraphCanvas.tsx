import type { RefObject } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { criticalPath } from "../workflow/analysis";
import { isTerminal, type Step, type Workflow } from "../workflow/state";
import type { Drafted } from "./drafted";
import { useFollowing } from "./following";
import type { Layout } from "./layout";
import { StepNode } from "./StepNode";

interface Props {
  workflow: Workflow;
  marks: Drafted["marks"];
  now: number;
  layout: Layout;
  scale: number;
  room: { width: number; height: number };
  frame: RefObject<HTMLDivElement | null>;
  isSelected: (step: Step) => boolean;
  onPick: (name: string) => void;
}

/** The graph in its frame, which scrolls and is dragged where the graph is larger. */
export function GraphCanvas({ workflow, marks, now, layout, scale, room, frame, isSelected, onPick }: Props) {
  useFollowing(
    frame,
    workflow,
    (name) => {
      const box = layout.nodes.get(name);
      return box ? { x: box.x * scale, y: (box.y + box.height / 2) * scale } : null;
    },
    [layout, scale],
  );
  usePanning(frame);
  const left = Math.floor(Math.max(0, (room.width - layout.width * scale) / 2));
  const top = Math.floor(Math.max(0, (room.height - layout.height * scale) / 2));
  // Rounded down: at a scale that just fits, half a pixel must not bring scrollbars.
  const space = {
    width: `${Math.floor(left + layout.width * scale)}px`,
    height: `${Math.floor(top + layout.height * scale)}px`,
  };
  return (
    <div class="graph-room" style={space}>
      <div
        class="graph-canvas"
        style={{
          width: `${layout.width}px`,
          height: `${layout.height}px`,
          transform: `translate(${left}px, ${top}px) scale(${scale})`,
        }}
      >
        <Edges {...{ workflow, layout, now }} />
        <ul>
          {workflow.steps.map((step) => {
            const box = layout.nodes.get(step.name);
            return (
              box && (
                <li
                  key={step.name}
                  style={{ left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` }}
                >
                  <StepNode
                    {...{ step, workflow, now, onPick }}
                    mark={marks?.get(step.name) ?? null}
                    size={layout.size}
                    selected={isSelected(step)}
                  />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function Edges({ workflow, layout, now }: Pick<Props, "workflow" | "layout" | "now">) {
  const states = new Map(workflow.steps.map((step) => [step.name, step.state]));
  const critical = isTerminal(workflow.status) ? criticalPath(workflow, now) : new Set<string>();
  const classes = layout.edges.map(
    ({ from, to }) =>
      `edge ${edgeState(states.get(from), states.get(to))}${critical.has(from) && critical.has(to) ? " critical" : ""}`,
  );
  return useMemo(
    () => (
      <svg width={layout.width} height={layout.height} aria-hidden="true">
        {layout.edges.map(({ from, to, path }, index) => (
          <path key={`${from} ${to}`} d={path} class={classes[index]} />
        ))}
      </svg>
    ),
    [layout, classes.join()],
  );
}

function edgeState(source: Step["state"] | undefined, target: Step["state"] | undefined): string {
  if (target === "running" || target === "retrying") return "active";
  return source === "complete" ? "done" : source === "errored" || source === "skipped" ? "gap" : "";
}

/** In pixels: less is a click with an unsteady hand. */
const DRAG_MIN = 4;

/** A mouse drags the graph. Fingers scroll it without our help. */
function usePanning(frame: Props["frame"]): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let start: { x: number; y: number; left: number; top: number } | null = null;
    let dragged = false;
    const down = (event: PointerEvent) => {
      if (event.pointerType === "touch" || event.button !== 0) return;
      start = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
      dragged = false;
    };
    const move = (event: PointerEvent) => {
      if (!start || event.buttons === 0) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      if (!dragged && Math.hypot(x, y) < DRAG_MIN) return;
      if (!dragged) element.setPointerCapture(event.pointerId);
      dragged = true;
      element.dataset.dragged = "";
      element.scrollTo({ left: start.left - x, top: start.top - y });
    };
    const up = () => {
      start = null;
      delete element.dataset.dragged;
    };
    // A drag that ends on a node opens nothing.
    const click = (event: MouseEvent) => {
      if (dragged) event.stopPropagation();
      dragged = false;
    };
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("click", click, { capture: true });
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
      element.removeEventListener("click", click, { capture: true });
    };
  }, []);
}
