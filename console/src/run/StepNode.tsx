import { useMemo } from "preact/hooks";
import { count, duration, plural } from "../lib/format";
import { StateIcon } from "../ui/icons";
import {
  EDIT,
  lastAttempt,
  partsOf,
  type Step,
  shortName,
  spanOf,
  textOf,
  tokensOf,
  triesOf,
  type Workflow,
} from "../workflow/state";
import { stepWord } from "../workflow/words";
import type { Mark } from "./drafted";
import type { NodeSize } from "./layout";

interface Props {
  step: Step;
  workflow: Workflow;
  mark: Mark | null;
  now: number;
  /** `line`: in the list, which says in words what the step needs. */
  size: NodeSize | "line";
  selected: boolean;
  /** The same function at each call: a new one draws the node anew. */
  onPick: (name: string) => void;
}

/** A step in the graph or in the list. Drawn anew only where something changes that it shows. */
export function StepNode({ step, workflow, mark, now, size, selected, onPick }: Props) {
  const span = spanOf(step, now);
  const word = stepWord(step, workflow);
  const kept = step.attempts.length > 0 && step.attempts.every((attempt) => attempt.run < workflow.run);
  const time = span && step.state !== "pending" ? duration(span.end - span.start) : "";
  const shown: Shown = {
    name: step.name,
    title: step.kind === "subtask" ? step.title : shortName(step.name),
    code: step.kind === "subtask" ? shortName(step.name) : "",
    state: step.state,
    word,
    time,
    written: size === "card" ? writtenOf(step) : "",
    model: size === "line" ? "" : (lastAttempt(step)?.model ?? ""),
    needs: needsOf(step, workflow),
    kept,
    tries: triesOf(step),
    mark,
    continued: Math.max(1, ...partsOf(step)) > 1,
    size,
    selected,
  };
  return useMemo(() => <Drawn {...shown} onPick={onPick} />, [...Object.values(shown), onPick]);
}

interface Shown {
  name: string;
  title: string;
  code: string;
  state: Step["state"];
  word: string;
  time: string;
  written: string;
  model: string;
  needs: string;
  kept: boolean;
  /** Above 1: something failed and was tried again. */
  tries: number;
  mark: Mark | null;
  /** It goes on where the model's limit of tokens ended it. */
  continued: boolean;
  size: NodeSize | "line";
  selected: boolean;
}

function Drawn({ onPick, ...shown }: Shown & Pick<Props, "onPick">) {
  const { name, title, code, state, time, model, needs, size } = shown;
  const isEnd = code === "";
  return (
    <button
      type="button"
      class={`node ${size} state-${state}${isEnd ? " end" : ""}${shown.kept ? " kept" : ""}`}
      data-step={name}
      data-state={state}
      aria-current={shown.selected ? "true" : undefined}
      title={[title, model].filter(Boolean).join(", ")}
      onClick={() => onPick(name === "synthesis" ? "answer" : name)}
    >
      <span class="node-head">
        <StateIcon name={state} size={14} />
        {code && <code>{code}</code>}
        {(size === "row" || size === "line" || isEnd) && <span class="node-title">{title}</span>}
        {(size === "line" || !isEnd) && <Badges {...shown} />}
        {size === "line" && needs && <span class="node-needs">needs {needs}</span>}
        {(size === "line" || !isEnd) && <span class="node-time">{time}</span>}
      </span>
      {size !== "row" && size !== "line" && !isEnd && <span class="node-title">{title}</span>}
      {/* For those who do not see colours and lines; the rest of the name is what the node shows. */}
      <span class="visually-hidden">, {toldOf(shown)}</span>
      {size !== "line" && isEnd && (
        <span class="node-facts">
          {!shown.continued && <span>{shown.time || shown.word}</span>}
          <Badges {...shown} />
        </span>
      )}
      {size === "card" && (
        <span class="node-facts">
          {[isEnd || time ? "" : shown.word, shown.written, model.split("/").pop()].filter(Boolean).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
      )}
    </button>
  );
}

function Badges({ mark, tries, continued }: Pick<Shown, "mark" | "tries" | "continued">) {
  return (
    <>
      {mark && <span class="badge">{mark}</span>}
      {tries > 1 && (
        <span class="badge warn" aria-hidden="true">
          ×{tries}
        </span>
      )}
      {continued && <span class="badge">continued</span>}
    </>
  );
}

const toldOf = ({ word, kept, tries, needs, size }: Shown): string =>
  [
    word,
    kept ? "kept from an earlier run" : "",
    tries > 1 ? plural(tries, "attempt") : "",
    needs && size !== "line" ? `needs ${needs}` : "",
  ]
    .filter(Boolean)
    .join(", ");

function writtenOf(step: Step): string {
  const tokens = tokensOf(step);
  if (tokens.total > 0) return `${tokens.estimated ? "≈ " : ""}${count(tokens.total)} tok`;
  return step.state === "running" ? `${count(textOf(step).length)} chars` : "";
}

/** More names than this say less than their number. */
const NAMED_MAX = 4;

/** What a step waits for, in words. Empty where it waits for the plan alone. */
function needsOf(step: Step, workflow: Workflow): string {
  if (step.kind === "plan" || step.dependsOn.length === 0) return "";
  if (step.kind === "synthesis" && !step.dependsOn.includes(EDIT)) return "all";
  if (step.name === EDIT) return "all";
  const names = step.dependsOn.map(shortName);
  const others = workflow.steps.filter((other) => other.kind === "subtask").length - 1;
  if (step.kind === "subtask" && names.length === others && others > NAMED_MAX) return "all others";
  if (names.length <= NAMED_MAX) return names.join(", ");
  return `${names.slice(0, NAMED_MAX - 1).join(", ")} and ${names.length - NAMED_MAX + 1} more`;
}
