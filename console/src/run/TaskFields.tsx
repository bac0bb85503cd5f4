import { Fault, Field } from "../ui/Field";
import { Glyph } from "../ui/icons";
import type { DraftTask, PlanFault, TaskField } from "./plan";

/** More subtasks than these are chosen from behind a fold. */
const CHIPS_MAX = 12;

/** The id of a field of a task, or without one of the whole plan. */
export const fieldOf = (id: string | null, field: string): string =>
  id === null ? `plan-${field}` : `task-${id}-${field}`;

interface Props {
  task: DraftTask;
  others: string[];
  criteria: string[];
  faults: PlanFault[];
  onChange: (part: Partial<DraftTask>, of?: string) => void;
  onLeave: (field: TaskField) => void;
  onRemove: (() => void) | null;
}

export function TaskFields({ task, others, criteria, faults, onChange, onLeave, onRemove }: Props) {
  const faultIn = (field: TaskField) => faults.find((fault) => fault.field === field)?.text;
  const text = (field: "title" | "instructions" | "words") => ({
    value: task[field],
    onInput: (event: { currentTarget: { value: string } }) =>
      onChange({ [field]: event.currentTarget.value }, `${task.id} ${field}`),
    onBlur: () => onLeave(field),
  });
  const numbers = criteria.map((_, index) => String(index + 1));
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
        {(attributes) => <input {...attributes} type="text" {...text("title")} />}
      </Field>
      <Field id={fieldOf(task.id, "instructions")} label="Instructions" fault={faultIn("instructions")}>
        {(attributes) => <textarea {...attributes} rows={3} {...text("instructions")} />}
      </Field>
      <div class="task-terms">
        <Field id={fieldOf(task.id, "words")} label="Words, about" fault={faultIn("words")}>
          {(attributes) => (
            <input {...attributes} type="text" inputMode="numeric" autocomplete="off" size={6} {...text("words")} />
          )}
        </Field>
        <label class="check">
          <input
            type="checkbox"
            id={fieldOf(task.id, "model")}
            checked={task.model === "big"}
            onChange={(event) => onChange({ model: event.currentTarget.checked ? "big" : "small" })}
          />
          <span>Big model</span>
        </label>
      </div>
      {faultIn("model") && <Fault id={fieldOf(task.id, "model")} text={faultIn("model") ?? ""} />}
      <Chosen
        id={fieldOf(task.id, "criteria")}
        label={`What ${task.id} answers for`}
        word="Criteria"
        all={numbers}
        titles={criteria}
        chosen={task.criteria.map(String)}
        fault={faultIn("criteria")}
        onToggle={(chosen) => onChange({ criteria: chosen.map(Number).sort((a, b) => a - b) })}
      />
      <Chosen
        id={fieldOf(task.id, "needs")}
        label={`What ${task.id} needs`}
        word="Needs"
        all={others}
        chosen={task.depends_on}
        fault={faultIn("needs")}
        onToggle={(depends_on) => {
          onChange({ depends_on });
          // A circle is seen at once: nobody leaves a button to say that it is done.
          onLeave("needs");
        }}
      />
    </fieldset>
  );
}

interface ChosenProps {
  id: string;
  label: string;
  word: string;
  all: string[];
  titles?: string[];
  chosen: string[];
  fault: string | undefined;
  onToggle: (chosen: string[]) => void;
}

/** Some of a list, by buttons. */
function Chosen({ id, label, word, all, titles, chosen, fault, onToggle }: ChosenProps) {
  if (all.length === 0) return null;
  const toggle = (one: string) =>
    onToggle(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  const chips = (
    <div
      class="chips"
      role="group"
      id={id}
      tabIndex={-1}
      aria-label={label}
      aria-describedby={fault ? `${id}-fault` : undefined}
    >
      <span class="muted">{word}</span>
      {all.map((one, at) => (
        <button
          key={one}
          type="button"
          class="chip"
          title={titles?.[at]}
          aria-pressed={chosen.includes(one)}
          onClick={() => toggle(one)}
        >
          {one}
        </button>
      ))}
    </div>
  );
  return (
    <>
      {all.length > CHIPS_MAX ? (
        <details class="fold">
          <summary>
            {word} {chosen.join(", ") || "nothing"}
          </summary>
          {chips}
        </details>
      ) : (
        chips
      )}
      {fault && <Fault id={id} text={fault} />}
    </>
  );
}
