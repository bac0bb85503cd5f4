import type { ComponentChildren } from "preact";
import { plural } from "../lib/format";
import { Fault, Field } from "../ui/Field";
import { Glyph } from "../ui/icons";
import { type Contract, EDITOR, ownersOf, type PlanFault, withoutCriterion } from "./plan";
import { fieldOf } from "./TaskFields";

interface Props {
  plan: Contract;
  /** Of the whole, not of a subtask. */
  faults: PlanFault[];
  onChange: (plan: Contract, of?: string) => void;
  onLeave: (field: string) => void;
}

/** What holds for all parts of a plan: how they become one answer, how long it is, and on what they agree. */
export function ContractFields({ plan, faults, onChange, onLeave }: Props) {
  const faultIn = (field: string) => faults.find((fault) => fault.field === field)?.text;
  const id = (field: string) => fieldOf(null, field);
  const { form, length, shared, borders, criteria } = plan;
  const isSaid = form === "assemble" || `${length}${shared}` !== "" || borders.length + criteria.length > 0;
  const text = (field: "length" | "shared") => ({
    value: plan[field],
    onInput: (event: { currentTarget: { value: string } }) =>
      onChange({ ...plan, [field]: event.currentTarget.value }, field),
    onBlur: () => onLeave(field),
  });
  return (
    <details class="fold contract" open={isSaid || faults.some(({ field }) => field !== null)}>
      <summary>The whole answer: {summaryOf(plan)}</summary>
      <div class="contract-fields">
        <Field id={id("form")} label="How the parts become one answer" fault={faultIn("form")}>
          {(attributes) => (
            <select
              {...attributes}
              value={plan.form}
              onChange={(event) =>
                onChange({ ...plan, form: (event.currentTarget as HTMLSelectElement).value as Contract["form"] })
              }
            >
              <option value="merge">One text is written from them</option>
              <option value="assemble">They stand in it, corrected by an editor</option>
            </select>
          )}
        </Field>
        <Field id={id("length")} label="Words of the whole, about" fault={faultIn("length")}>
          {(attributes) => (
            <input {...attributes} type="text" inputMode="numeric" autocomplete="off" {...text("length")} />
          )}
        </Field>
        <Field id={id("shared")} label="Shared: what all parts have to agree on" fault={faultIn("shared")} wide>
          {(attributes) => <textarea {...attributes} rows={3} {...text("shared")} />}
        </Field>
        <Borders {...{ plan, faultIn, onChange, onLeave }} />
        <Criteria {...{ plan, faultIn, onChange, onLeave }} />
      </div>
    </details>
  );
}

function summaryOf({ form, length, borders, criteria }: Contract): string {
  return [
    form === "assemble" ? "put together by an editor" : "one text",
    /^\d+$/.test(length) && `about ${plural(Number(length), "word")}`,
    borders.length > 0 && plural(borders.length, "border"),
    criteria.length > 0 && plural(criteria.length, "criterion", "criteria"),
  ]
    .filter(Boolean)
    .join(", ");
}

type ListProps = Pick<Props, "plan" | "onChange" | "onLeave"> & { faultIn: (field: string) => string | undefined };

function Borders({ plan, faultIn, onChange, onLeave }: ListProps) {
  const set = (at: number, part: Partial<Contract["borders"][number]>, of?: string) =>
    onChange({ ...plan, borders: plan.borders.map((old, i) => (i === at ? { ...old, ...part } : old)) }, of);
  return (
    <fieldset class="lines wide">
      <legend>Borders: what two parts touch, and who decides</legend>
      {plan.borders.map(({ what, owner }, at) => (
        <Line
          key={at}
          field={`border-${at}`}
          label={`Border ${at + 1}`}
          value={what}
          fault={faultIn(`border-${at}`)}
          onInput={(value) => set(at, { what: value }, `border ${at}`)}
          onLeave={onLeave}
          onRemove={() => onChange({ ...plan, borders: plan.borders.filter((_, i) => i !== at) })}
        >
          <select
            aria-label={`Who decides on border ${at + 1}`}
            value={owner}
            onChange={(event) => set(at, { owner: (event.currentTarget as HTMLSelectElement).value })}
          >
            <option value="">nobody named</option>
            <option value={EDITOR}>the editor</option>
            {plan.tasks.map((task) => (
              <option key={task.id} value={task.id}>
                {task.id}
              </option>
            ))}
          </select>
        </Line>
      ))}
      {faultIn("borders") && <Fault id={fieldOf(null, "borders")} text={faultIn("borders") ?? ""} />}
      <AddButton
        id="borders"
        words="Add a border"
        onClick={() => onChange({ ...plan, borders: [...plan.borders, { what: "", owner: "" }] })}
      />
    </fieldset>
  );
}

function Criteria({ plan, faultIn, onChange, onLeave }: ListProps) {
  return (
    <fieldset class="lines wide">
      <legend>Criteria: what an expert will check, and who answers for it</legend>
      {plan.criteria.map((text, at) => (
        <Line
          key={at}
          field={`criterion-${at}`}
          label={`Criterion ${at + 1}`}
          value={text}
          fault={faultIn(`criterion-${at}`)}
          onInput={(value) =>
            onChange({ ...plan, criteria: plan.criteria.map((old, i) => (i === at ? value : old)) }, `criterion ${at}`)
          }
          onLeave={onLeave}
          onRemove={() => onChange(withoutCriterion(plan, at + 1))}
        >
          <span class="muted owner">{ownersOf(plan.tasks, at + 1)}</span>
        </Line>
      ))}
      {faultIn("criteria") && <Fault id={fieldOf(null, "criteria")} text={faultIn("criteria") ?? ""} />}
      <AddButton
        id="criteria"
        words="Add a criterion"
        onClick={() => onChange({ ...plan, criteria: [...plan.criteria, ""] })}
      />
    </fieldset>
  );
}

interface LineProps {
  field: string;
  label: string;
  value: string;
  fault: string | undefined;
  onInput: (value: string) => void;
  onLeave: (field: string) => void;
  onRemove: () => void;
  children: ComponentChildren;
}

function Line({ field, label, value, fault, onInput, onLeave, onRemove, children }: LineProps) {
  const id = fieldOf(null, field);
  return (
    <div class="line">
      <span class="muted line-number" aria-hidden="true">
        {label.split(" ")[1]}
      </span>
      <input
        id={id}
        type="text"
        aria-label={label}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby={fault ? `${id}-fault` : undefined}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onBlur={() => onLeave(field)}
      />
      {children}
      <button type="button" class="button quiet tiny" aria-label={`Remove ${label.toLowerCase()}`} onClick={onRemove}>
        <Glyph name="trash" size={14} />
      </button>
      {fault && <Fault id={id} text={fault} />}
    </div>
  );
}

const AddButton = ({ id, words, onClick }: { id: string; words: string; onClick: () => void }) => (
  <button type="button" class="button quiet tiny add" id={fieldOf(null, id)} onClick={onClick}>
    <Glyph name="plus" size={14} /> {words}
  </button>
);
