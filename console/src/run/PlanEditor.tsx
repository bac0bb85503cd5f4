import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural } from "../lib/format";
import { useStore } from "../lib/store";
import { Fault, Field } from "../ui/Field";
import { Glyph } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import type { PlannedTask } from "../workflow/events";
import type { Workflow } from "../workflow/state";
import { useControls } from "./control";
import { changed, faultsOf, freeId, type PlanFault, type TaskField, undone, withoutTask } from "./plan";
import { dropPlanDraft, planDraft } from "./planDrafts";

/** More subtasks than these are chosen from behind a fold. */
const CHIPS_MAX = 12;

interface Props {
  id: string;
  workflow: Workflow;
  onApproved: () => void;
}

/** Approves the plan as it is, or as it was edited here. What is edited is kept wherever else one looks meanwhile. */
export function PlanEditor({ id, workflow, onApproved }: Props) {
  const store = planDraft(id, workflow);
  const draft = useStore(store);
  const { tasks } = draft;
  const original = workflow.plan?.tasks ?? [];
  const edited = JSON.stringify(tasks) !== JSON.stringify(original);
  const { busy, disabled, error, dismiss, act } = useControls("plan");
  const faults = faultsOf(tasks, workflow.spec?.options.max_subtasks ?? 50);
  /** Where somebody has been: a field that was just added is no mistake. */
  const [left, setLeft] = useState<Set<string>>(new Set());
  const [tried, setTried] = useState(false);
  const shown = faults.filter(({ id: of, field }) => tried || of === null || left.has(`${of} ${field}`));
  const root = useRef<HTMLElement>(null);
  // The plan's text that streamed before has left the panel scrolled to its end.
  useLayoutEffect(() => root.current?.closest(".panel")?.scrollTo(0, 0), []);

  const change = (next: PlannedTask[], of = "") => {
    dismiss();
    store.set(changed(draft, next, of));
  };
  const add = () => {
    const fresh = freeId(tasks);
    change([...tasks, { id: fresh, title: "", instructions: "", depends_on: [] }]);
    // Once it is drawn.
    requestAnimationFrame(() => focusOn(fieldOf(fresh, "title")));
  };
  const approve = async () => {
    setTried(true);
    const [first] = faults;
    if (first) {
      if (first.id && first.field) focusOn(fieldOf(first.id, first.field));
      return;
    }
    // Without a title the server makes one.
    const sent = tasks.map(({ title, ...task }) => (title.trim() ? { ...task, title } : task));
    if (!(await act("approve", edited ? { tasks: sent } : {}))) return;
    dropPlanDraft(id, workflow);
    onApproved();
  };
  const paused = workflow.status !== "waiting";
  return (
    <section ref={root} class="plan-editor" aria-label="Plan to approve">
      <Notice tone="warn" title={paused ? "The run is paused before its approval" : "The plan waits for your approval"}>
        {paused
          ? "Go on editing if you like: it is kept. The plan can be approved once the run is resumed."
          : "Change what you like: titles, instructions, dependencies. Nothing runs before you approve."}
      </Notice>
      {workflow.plan?.analysis && <p>{workflow.plan.analysis}</p>}
      {tasks.map((task, at) => (
        <TaskFields
          key={task.id}
          task={task}
          others={tasks.filter((other) => other.id !== task.id).map((other) => other.id)}
          faults={shown.filter((fault) => fault.id === task.id)}
          onChange={(part, of) =>
            change(
              tasks.map((old, i) => (i === at ? { ...old, ...part } : old)),
              of,
            )
          }
          onLeave={(field) => setLeft(new Set(left).add(`${task.id} ${field}`))}
          onRemove={tasks.length > 1 ? () => change(withoutTask(tasks, task.id)) : null}
        />
      ))}
      <button type="button" class="button" onClick={add}>
        <Glyph name="plus" size={14} /> Add a subtask
      </button>
      {error !== null && <ErrorNotice error={error} onClose={dismiss} />}
      <footer class="approve-bar">
        {paused ? (
          <button type="button" class="button primary" disabled={disabled} onClick={() => void act("resume")}>
            {busy ?? "Resume"}
          </button>
        ) : (
          <button type="button" class="button primary" disabled={disabled} onClick={approve}>
            {busy ??
              (edited
                ? `Approve the edited plan (${plural(tasks.length, "subtask")})`
                : `Approve ${plural(tasks.length, "subtask")}`)}
          </button>
        )}
        {draft.past.length > 0 && (
          <button type="button" class="button quiet" onClick={() => store.set(undone(draft))}>
            Undo
          </button>
        )}
        {edited && (
          <button type="button" class="button quiet" onClick={() => change(original)}>
            Back to the model's plan
          </button>
        )}
        <span class="fault" role="status">
          {shown.find((fault) => fault.id === null)?.text ??
            (tried && shown.length > 0 ? `${plural(shown.length, "thing")} to mend, marked above.` : "")}
        </span>
      </footer>
    </section>
  );
}

const fieldOf = (id: string, field: TaskField): string => `task-${id}-${field}`;

function focusOn(id: string): void {
  const element = document.getElementById(id);
  element?.closest("details")?.setAttribute("open", "");
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}

interface TaskFieldsProps {
  task: PlannedTask;
  others: string[];
  faults: PlanFault[];
  onChange: (part: Partial<PlannedTask>, of?: string) => void;
  onLeave: (field: TaskField) => void;
  onRemove: (() => void) | null;
}

function TaskFields({ task, others, faults, onChange, onLeave, onRemove }: TaskFieldsProps) {
  const faultIn = (field: TaskField) => faults.find((fault) => fault.field === field)?.text;
  return (
    <fieldset class="task">
      <legend>
        <code>{task.id}</code>
      </legend>
      {onRemove && (
        <button type="button" class="button quiet tiny remove" aria-label={`Remove ${task.id}`} onClick={onRemove}>
          <Glyph name="trash" size={14} />
        </button>
      )}
      <Field id={fieldOf(task.id, "title")} label="Title" fault={faultIn("title")}>
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            value={task.title}
            onInput={(event) => onChange({ title: event.currentTarget.value }, `${task.id} title`)}
            onBlur={() => onLeave("title")}
          />
        )}
      </Field>
      <Field id={fieldOf(task.id, "instructions")} label="Instructions" fault={faultIn("instructions")}>
        {(attributes) => (
          <textarea
            {...attributes}
            rows={3}
            value={task.instructions}
            onInput={(event) => onChange({ instructions: event.currentTarget.value }, `${task.id} instructions`)}
            onBlur={() => onLeave("instructions")}
          />
        )}
      </Field>
      <Needs {...{ task, others, onChange }} fault={faultIn("needs")} onLeave={() => onLeave("needs")} />
    </fieldset>
  );
}

interface NeedsProps {
  task: PlannedTask;
  others: string[];
  fault: string | undefined;
  onChange: TaskFieldsProps["onChange"];
  onLeave: () => void;
}

function Needs({ task, others, fault, onChange, onLeave }: NeedsProps) {
  if (others.length === 0) return null;
  const needs = new Set(task.depends_on);
  const toggle = (id: string) => {
    const depends_on = needs.has(id) ? task.depends_on.filter((other) => other !== id) : [...task.depends_on, id];
    onChange({ depends_on });
    // A circle is seen at once: nobody leaves a button to say that it is done.
    onLeave();
  };
  const id = fieldOf(task.id, "needs");
  const chips = (
    <div
      class="chips"
      role="group"
      id={id}
      tabIndex={-1}
      aria-label={`What ${task.id} needs`}
      aria-describedby={fault ? `${id}-fault` : undefined}
    >
      <span class="muted">Needs</span>
      {others.map((other) => (
        <button key={other} type="button" class="chip" aria-pressed={needs.has(other)} onClick={() => toggle(other)}>
          {other}
        </button>
      ))}
    </div>
  );
  return (
    <>
      {others.length > CHIPS_MAX ? (
        <details class="fold">
          <summary>Needs {task.depends_on.join(", ") || "nothing"}</summary>
          {chips}
        </details>
      ) : (
        chips
      )}
      {fault && <Fault id={id} text={fault} />}
    </>
  );
}
