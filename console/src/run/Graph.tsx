import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { plural } from "../lib/format";
import { Glyph } from "../ui/icons";
import { isDirect, isTerminal, type Step, subtasksOf, type Workflow } from "../workflow/state";
import { modeWords } from "../workflow/words";
import type { Drafted } from "./drafted";
import { GraphCanvas } from "./GraphCanvas";
import { fittingLayout, fittingScale, layoutKey, layoutOf } from "./layout";
import { StepList } from "./StepList";
import { useSteady } from "./steady";

interface Props {
  workflow: Workflow;
  marks: Drafted["marks"];
  now: number;
  selected: string;
  onPick: (name: string) => void;
}

const ZOOM_MIN = 0.3;
const ZOOM_MAX = 1.6;

/** What was chosen, and why, in a quiet line. `whole`: as many lines as it needs. */
function ModeLine({ workflow, whole }: { workflow: Workflow; whole?: boolean }) {
  const { chosen, why } = modeWords(workflow);
  return (
    <p class={`muted mode-line${whole ? " whole" : ""}`} title={why}>
      {chosen}.{why && ` ${why}`}
    </p>
  );
}

export function Graph(props: Props) {
  // A graph of one call says nothing.
  if (!isDirect(props.workflow)) return <PlanGraph {...props} />;
  return (
    <section class="card graph-card" aria-labelledby="graph-title">
      <header class="card-head">
        <h2 id="graph-title">Plan</h2>
        <span class="muted">no subtasks</span>
      </header>
      <ModeLine workflow={props.workflow} whole />
    </section>
  );
}

/** The plan: as a graph where all of it is in view and can be read, else as a list. Either can be chosen. */
function PlanGraph({ workflow, marks, now, selected, onPick }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const room = useRoom(frame);
  const key = layoutKey(workflow);
  const fitted = useMemo(() => (room.width > 0 ? fittingLayout(workflow, room) : null), [key, room]);
  const [chosen, setChosen] = useState<"graph" | "list" | null>(null);
  // A graph of the plan alone says nothing, and the card takes room once there is something to show: what may follow
  // it is not drawn before.
  const planning = isPlanning(workflow);
  const view = planning ? "list" : (chosen ?? (fitted || room.width === 0 ? "graph" : "list"));
  const layout = useMemo(
    () => (view === "graph" && room.width > 0 ? (fitted ?? layoutOf(workflow, "row")) : null),
    [key, fitted, view, room.width > 0],
  );
  /** Null: whole where it can be read, else readable. */
  const [zoom, setZoom] = useState<number | "whole" | null>(null);
  const whole = layout ? fittingScale(layout, room) : 1;
  const scale = zoom === "whole" ? whole : (zoom ?? Math.max(whole, layout?.scaleMin ?? 0));
  const zoomBy = (factor: number) => setZoom(Math.min(ZOOM_MAX, Math.max(Math.min(ZOOM_MIN, whole), scale * factor)));
  const isSelected = (step: Step) => selected === step.name || (selected === "answer" && step.kind === "synthesis");
  const pick = useSteady(onPick);
  const shared = { workflow, marks, now, frame, isSelected, onPick: pick };
  return (
    <section class="card graph-card" aria-labelledby="graph-title">
      <header class="card-head">
        <h2 id="graph-title">Plan</h2>
        <span class="muted">{planWords(workflow, marks !== null)}</span>
        <span class="spring" />
        {view === "graph" && (
          <>
            <ToolButton glyph="minus" label="Zoom out" onClick={() => zoomBy(0.8)} />
            <ToolButton glyph="plus" label="Zoom in" onClick={() => zoomBy(1.25)} />
            <ToolButton glyph="fit" label="Fit the whole graph" onClick={() => setZoom("whole")} />
          </>
        )}
        {!planning && (
          <ToolButton
            glyph={view === "graph" ? "list" : "graph"}
            label={view === "graph" ? "Show as a list" : "Show as a graph"}
            onClick={() => {
              setChosen(view === "graph" ? "list" : "graph");
              setZoom(null);
              // Where the one was scrolled to means nothing in the other.
              frame.current?.scrollTo(0, 0);
            }}
          />
        )}
      </header>
      <ModeLine workflow={workflow} />
      <div
        class={`plan-frame as-${view}${planning ? " short" : ""}`}
        ref={frame}
        tabIndex={0}
        role="region"
        aria-label={view === "graph" ? "Graph of the steps" : "List of the steps"}
        data-pannable={scale > whole ? "" : undefined}
      >
        {view === "list" ? (
          <StepList {...shared} />
        ) : (
          layout && <GraphCanvas {...{ layout, scale, room }} {...shared} />
        )}
      </div>
    </section>
  );
}

/** The frame's width, and the height that graph.css gives it while it shows a graph. */
function useRoom(frame: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => {
      // With the scrollbar, which comes and goes with what is shown.
      const width = element.offsetWidth;
      const height = Math.min(480, Math.max(260, Math.floor(innerHeight * 0.44)));
      setRoom((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return room;
}

function ToolButton(props: { glyph: Parameters<typeof Glyph>[0]["name"]; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      class="button quiet tiny"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Glyph name={props.glyph} size={14} />
    </button>
  );
}

/** Nobody has chosen yet whether there are subtasks. */
export const isPlanning = ({ plan, status }: Workflow): boolean => plan === null && !isTerminal(status);

function planWords(workflow: Workflow, drafted: boolean): string {
  if (!workflow.plan) return "being made";
  const subtasks = subtasksOf(workflow);
  const independent = subtasks.filter((step) => step.dependsOn.length === 0).length;
  const given = workflow.planSource === "client" ? ", given with the prompt" : "";
  const from = drafted ? ", as edited here" : workflow.edited ? ", edited" : given;
  return `${plural(subtasks.length, "subtask")}${from}, ${independent} can start at once`;
}
