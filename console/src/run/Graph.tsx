import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, duration, plural } from "../lib/format";
import { useWidth } from "../lib/hooks";
import { Glyph, StateIcon } from "../ui/icons";
import { criticalPath } from "../workflow/analysis";
import {
  isTerminal,
  lastAttempt,
  type Step,
  shortName,
  spanOf,
  textOf,
  tokensOf,
  triesOf,
  type Workflow,
} from "../workflow/state";
import { stepWord } from "../workflow/words";
import { isCompact, layoutKey, layoutOf } from "./layout";

interface Props {
  workflow: Workflow;
  now: number;
  selected: string;
  onPick: (name: string) => void;
}

const ZOOM_MIN = 0.3;
const ZOOM_MAX = 1.6;
/** Smaller than this, a graph is scrolled rather than shrunk. */
const LEGIBLE = 0.7;

export function Graph({ workflow, now, selected, onPick }: Props) {
  const layout = useMemo(() => layoutOf(workflow), [layoutKey(workflow)]);
  const [frame, width] = useWidth<HTMLDivElement>();
  const [zoom, setZoom] = useState<number | null>(null);
  const height = frame.current?.clientHeight ?? 0;
  const fitting = Math.min(1, (width || layout.width) / layout.width, (height || layout.height) / layout.height);
  // Readable before complete: what does not fit is scrolled to.
  const scale = zoom ?? Math.max(fitting, LEGIBLE);
  const critical = isTerminal(workflow.status) ? criticalPath(workflow, now) : new Set<string>();
  const edgeClass = (from: string, to: string) =>
    `edge ${edgeState(workflow, from, to)}${critical.has(from) && critical.has(to) ? " critical" : ""}`;
  useFollowing(frame, workflow, layout, scale);
  const zoomBy = (factor: number) => setZoom(Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, scale * factor)));
  const left = Math.max(0, (width - layout.width * scale) / 2);
  const top = Math.max(0, (height - layout.height * scale) / 2);
  return (
    <section class="card graph-card" aria-labelledby="graph-title">
      <header class="card-head">
        <h2 id="graph-title">Plan</h2>
        <span class="muted">{planWords(workflow)}</span>
        <span class="spring" />
        <button type="button" class="button quiet tiny" aria-label="Zoom out" onClick={() => zoomBy(0.8)}>
          <Glyph name="minus" size={14} />
        </button>
        <button type="button" class="button quiet tiny" aria-label="Zoom in" onClick={() => zoomBy(1.25)}>
          <Glyph name="plus" size={14} />
        </button>
        <button
          type="button"
          class="button quiet tiny"
          aria-label="Fit the whole graph"
          onClick={() => setZoom(zoom === null ? Math.max(ZOOM_MIN, fitting) : null)}
        >
          <Glyph name="fit" size={14} />
        </button>
      </header>
      <div class="graph" ref={frame} tabIndex={0} role="region" aria-label="Graph of the steps">
        <div
          class="graph-room"
          style={{ width: `${layout.width * scale + left}px`, height: `${layout.height * scale + top}px` }}
        >
          <div
            class="graph-canvas"
            style={{
              width: `${layout.width}px`,
              height: `${layout.height}px`,
              transform: `translate(${left}px, ${top}px) scale(${scale})`,
            }}
          >
            <svg width={layout.width} height={layout.height} aria-hidden="true">
              {layout.edges.map((edge) => (
                <path key={`${edge.from} ${edge.to}`} d={edge.path} class={edgeClass(edge.from, edge.to)} />
              ))}
            </svg>
            <ul>
              {workflow.steps.map((step) => {
                const box = layout.nodes.get(step.name);
                return (
                  box && (
                    <li
                      key={step.name}
                      style={{
                        left: `${box.x}px`,
                        top: `${box.y}px`,
                        width: `${box.width}px`,
                        height: `${box.height}px`,
                      }}
                    >
                      <Node
                        step={step}
                        {...{ workflow, now }}
                        compact={isCompact(workflow)}
                        selected={selected === step.name || (selected === "answer" && step.kind === "synthesis")}
                        onPick={onPick}
                      />
                    </li>
                  )
                );
              })}
            </ul>
          </div>
        </div>
      </div>
    </section>
  );
}

interface NodeProps {
  step: Step;
  workflow: Workflow;
  now: number;
  compact: boolean;
  selected: boolean;
  onPick: (name: string) => void;
}

function Node({ step, workflow, now, compact, selected, onPick }: NodeProps) {
  const span = spanOf(step, now);
  const attempts = triesOf(step);
  const tokens = tokensOf(step);
  const word = stepWord(step, workflow);
  const model = lastAttempt(step)?.model ?? "";
  const kept = attempts > 0 && step.attempts.every((attempt) => attempt.run < workflow.run);
  const title = step.kind === "subtask" ? step.title : shortName(step.name);
  const needs =
    step.kind === "subtask" && step.dependsOn.length > 0 ? `needs ${step.dependsOn.map(shortName).join(", ")}` : "";
  // For those who do not see colours and lines; the rest of the name is what the node shows.
  const told = [word, kept ? "kept from an earlier run" : "", attempts > 1 ? plural(attempts, "attempt") : "", needs]
    .filter(Boolean)
    .join(", ");
  return (
    <button
      type="button"
      class={`node state-${step.state}${compact ? " compact" : ""}${kept ? " kept" : ""}`}
      data-step={step.name}
      data-state={step.state}
      aria-current={selected ? "true" : undefined}
      title={
        compact
          ? [title, tokens.total > 0 ? plural(tokens.total, "token") : "", model].filter(Boolean).join(", ")
          : title
      }
      onClick={() => onPick(step.kind === "synthesis" ? "answer" : step.name)}
    >
      <span class="node-head">
        <StateIcon name={step.state} size={14} />
        {step.kind === "subtask" && <code>{shortName(step.name)}</code>}
        <span class="node-title">{title}</span>
        <span class="visually-hidden">, {told}, </span>
        {attempts > 1 && (
          <span class="badge warn" aria-hidden="true">
            ×{attempts}
          </span>
        )}
        {compact && span && <span class="node-time">{duration(span.end - span.start)}</span>}
      </span>
      {!compact && (
        <span class="node-facts">
          <span>{span && step.state !== "pending" ? duration(span.end - span.start) : word}</span>
          {tokens.total > 0 ? (
            <span>{`${tokens.estimated ? "≈ " : ""}${count(tokens.total)} tok`}</span>
          ) : (
            step.state === "running" && <span>{`${count(textOf(step).length)} chars`}</span>
          )}
        </span>
      )}
      {!compact && model && <span class="node-model">{model.split("/").pop()}</span>}
    </button>
  );
}

/** Long graphs scroll along with the run, until somebody scrolls. */
function useFollowing(
  frame: RefObject<HTMLDivElement | null>,
  workflow: Workflow,
  layout: ReturnType<typeof layoutOf>,
  scale: number,
): void {
  const untouched = useRef(true);
  useLayoutEffect(() => {
    const touched = () => {
      untouched.current = false;
    };
    const element = frame.current;
    for (const name of ["wheel", "pointerdown", "keydown"]) element?.addEventListener(name, touched, { passive: true });
    return () => {
      for (const name of ["wheel", "pointerdown", "keydown"]) element?.removeEventListener(name, touched);
    };
  }, []);
  const running = isTerminal(workflow.status)
    ? undefined
    : workflow.steps.find((step) => step.state === "running")?.name;
  useLayoutEffect(() => {
    const element = frame.current;
    const box = running ? layout.nodes.get(running) : null;
    if (!element || !box || !untouched.current) return;
    const left = box.x * scale - element.clientWidth / 3;
    const top = (box.y + box.height / 2) * scale - element.clientHeight / 2;
    element.scrollTo({ left: Math.max(0, left), top: Math.max(0, top) });
  }, [running, scale]);
}

function planWords(workflow: Workflow): string {
  if (!workflow.plan) return "being made";
  const subtasks = plural(workflow.plan.tasks.length, "subtask");
  const independent = workflow.plan.tasks.filter((task) => task.depends_on.length === 0).length;
  const from = workflow.edited ? ", edited" : workflow.planSource === "client" ? ", given with the prompt" : "";
  return `${subtasks}${from}, ${independent} can start at once`;
}

function edgeState(workflow: Workflow, from: string, to: string): string {
  const source = workflow.steps.find((step) => step.name === from)?.state;
  const target = workflow.steps.find((step) => step.name === to)?.state;
  if (target === "running" || target === "retrying") return "active";
  return source === "complete" ? "done" : source === "errored" || source === "skipped" ? "gap" : "";
}
