import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural } from "../lib/format";
import { control } from "../net/api";
import { Glyph } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import type { PlannedTask } from "../workflow/events";
import type { Workflow } from "../workflow/state";
import { freeId, problemOf, withoutTask } from "./plan";

/** Approves the plan as it is, or as it was edited here. */
export function PlanEditor({ id, workflow }: { id: string; workflow: Workflow }) {
  const original = workflow.plan?.tasks ?? [];
  const [tasks, setTasks] = useState<PlannedTask[]>(original);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const edited = JSON.stringify(tasks) !== JSON.stringify(original);
  const problem = problemOf(tasks, workflow.spec?.options.max_subtasks ?? 50);
  const change = (at: number, part: Partial<PlannedTask>) =>
    setTasks(tasks.map((task, i) => (i === at ? { ...task, ...part } : task)));
  const root = useRef<HTMLElement>(null);
  // The plan's text that streamed before has left the panel scrolled to its end.
  useLayoutEffect(() => root.current?.closest(".panel")?.scrollTo(0, 0), []);
  const approve = async () => {
    setBusy(true);
    setError(null);
    try {
      await control(id, "approve", edited ? { tasks } : {});
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section ref={root} class="plan-editor" aria-label="Plan to approve">
      <Notice tone="warn" title="The plan waits for your approval">
        Change what you like: titles, instructions, dependencies. Nothing runs before you approve.
      </Notice>
      {workflow.plan?.analysis && <p>{workflow.plan.analysis}</p>}
      {tasks.map((task, at) => (
        <TaskFields
          key={task.id}
          task={task}
          others={tasks.filter((other) => other.id !== task.id).map((other) => other.id)}
          onChange={(part) => change(at, part)}
          onRemove={tasks.length > 1 ? () => setTasks(withoutTask(tasks, task.id)) : null}
        />
      ))}
      <button
        type="button"
        class="button"
        onClick={() => setTasks([...tasks, { id: freeId(tasks), title: "", instructions: "", depends_on: [] }])}
      >
        <Glyph name="plus" size={14} /> Add a subtask
      </button>
      {error !== null && <ErrorNotice error={error} />}
      <footer class="approve-bar">
        <button type="button" class="button primary" disabled={busy || problem !== null} onClick={approve}>
          {edited
            ? `Approve the edited plan (${plural(tasks.length, "subtask")})`
            : `Approve ${plural(tasks.length, "subtask")}`}
        </button>
        {edited && (
          <button type="button" class="button quiet" onClick={() => setTasks(original)}>
            Undo the changes
          </button>
        )}
        <span class="muted" role="status">
          {problem}
        </span>
      </footer>
    </section>
  );
}

interface TaskFieldsProps {
  task: PlannedTask;
  others: string[];
  onChange: (part: Partial<PlannedTask>) => void;
  onRemove: (() => void) | null;
}

function TaskFields({ task, others, onChange, onRemove }: TaskFieldsProps) {
  const toggle = (id: string) => {
    const depends_on = task.depends_on.includes(id)
      ? task.depends_on.filter((other) => other !== id)
      : [...task.depends_on, id];
    onChange({ depends_on });
  };
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
      <label class="field">
        <span>Title</span>
        <input
          type="text"
          maxLength={200}
          value={task.title}
          onInput={(event) => onChange({ title: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>Instructions</span>
        <textarea
          rows={3}
          value={task.instructions}
          onInput={(event) => onChange({ instructions: event.currentTarget.value })}
        />
      </label>
      {others.length > 0 && (
        <div class="chips" role="group" aria-label={`What ${task.id} needs`}>
          <span class="muted">Needs</span>
          {others.map((id) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={task.depends_on.includes(id)}
              onClick={() => toggle(id)}
            >
              {id}
            </button>
          ))}
        </div>
      )}
    </fieldset>
  );
}
