import type { Info } from "../net/api";
import { Field } from "../ui/Field";
import type { Faults } from "./check";
import { type Draft, edit } from "./draft";

interface Props {
  draft: Draft;
  info: Info | null;
  faults: Faults;
}

type NumberName = "maxSubtasks" | "maxConcurrency" | "deadlineSeconds" | "tokenBudget";

export const fieldId = (name: keyof Draft): string => (name === "prompt" ? "prompt" : `option-${name}`);

/** Nothing where it is not known. */
const usual = (value: number | undefined): string => (value === undefined ? "" : String(value));

export function OptionFields({ draft, info, faults }: Props) {
  const number = (name: NumberName, label: string, placeholder: string) => (
    <Field id={fieldId(name)} label={label} fault={faults[name]}>
      {(attributes) => (
        // Not type="number", which hides from the page what is no number.
        <input
          {...attributes}
          type="text"
          inputMode="numeric"
          autocomplete="off"
          value={draft[name]}
          placeholder={placeholder}
          onInput={(event) => edit({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  const model = (name: "bigModel" | "smallModel", label: string, offered: string[]) => {
    const [first, ...others] = offered;
    const chosen = draft[name];
    const known = !chosen || others.includes(chosen);
    return (
      <Field id={fieldId(name)} label={label} fault={faults[name]}>
        {(attributes) => (
          <select
            {...attributes}
            value={chosen}
            onChange={(event) => edit({ [name]: (event.currentTarget as HTMLSelectElement).value })}
          >
            <option value="">{first ? `Default: ${first}` : "Default"}</option>
            {(known ? others : [...others, chosen]).map((other) => (
              <option key={other} value={other}>
                {other}
              </option>
            ))}
          </select>
        )}
      </Field>
    );
  };
  return (
    <div class="options">
      {number("maxSubtasks", "Subtasks, at most", usual(info?.defaults?.max_subtasks))}
      {number("maxConcurrency", "At once, at most", usual(info?.defaults?.max_concurrency))}
      <Field id={fieldId("failure")} label="If a subtask fails" fault={faults.failure}>
        {(attributes) => (
          <select
            {...attributes}
            value={draft.failure}
            onChange={(event) => edit({ failure: event.currentTarget.value as Draft["failure"] })}
          >
            <option value="continue">Go on, and name the gap</option>
            <option value="fail">Fail the workflow</option>
          </select>
        )}
      </Field>
      {model("bigModel", "Big model (plan, synthesis)", info?.big ?? [])}
      {model("smallModel", "Small model (subtasks)", info?.small ?? [])}
      {number("deadlineSeconds", "Time limit, seconds", "none")}
      {number("tokenBudget", "Token budget", "none")}
      <Field
        id={fieldId("instructions")}
        label="Instructions for tone, format, domain (all steps see them)"
        fault={faults.instructions}
        wide
      >
        {(attributes) => (
          <textarea
            {...attributes}
            rows={2}
            value={draft.instructions}
            placeholder="Answer in British English, for engineers."
            onInput={(event) => edit({ instructions: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}
