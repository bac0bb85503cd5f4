import type { Info } from "../net/api";
import { Fault, Field } from "../ui/Field";
import type { Faults } from "./check";
import { type Draft, edit } from "./draft";

interface Props {
  draft: Draft;
  info: Info | null;
  faults: Faults;
}

type NumberName = "maxWords" | "maxSubtasks" | "maxConcurrency" | "deadlineSeconds" | "tokenBudget";

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
      <ModeField {...{ draft, faults }} />
      <ReviewField {...{ draft, faults }} />
      <Field id={fieldId("length")} label="Length of the answer" fault={faults.length}>
        {(attributes) => (
          <select
            {...attributes}
            value={draft.length}
            onChange={(event) => edit({ length: event.currentTarget.value as Draft["length"] })}
          >
            <option value="brief">Brief: up to 400 words</option>
            <option value="normal">Normal: up to 1,500 words</option>
            <option value="full">Full: as long as it takes</option>
            <option value="words">Up to so many words</option>
          </select>
        )}
      </Field>
      {draft.length === "words" && number("maxWords", "Words, at most", "50 to 20,000")}
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
      {number("tokenBudget", "Token budget", usual(info?.defaults?.token_budget ?? undefined) || "none")}
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
      <Field
        id={fieldId("outputSchema")}
        label="The answer as JSON, by a JSON Schema (2020-12)"
        hint="One call more of the big model, and up to three where its JSON does not fit. The answer as text stays."
        fault={faults.outputSchema}
        wide
      >
        {(attributes) => (
          <textarea
            {...attributes}
            class="schema"
            rows={3}
            spellcheck={false}
            autocapitalize="off"
            value={draft.outputSchema}
            placeholder={'{"type": "object", "properties": {"title": {"type": "string"}}}'}
            onInput={(event) => edit({ outputSchema: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}

const MODES: [Draft["mode"], string, string][] = [
  ["auto", "Auto", "The big model chooses. What it answers directly costs one short call more than a bare one."],
  ["direct", "Direct", "One call of the big model, no subtasks: the least time and tokens."],
  ["split", "Split", "Subtasks in any case: several times the tokens of one call, for what is worth it."],
];

function ModeField({ draft, faults }: Pick<Props, "draft" | "faults">) {
  const id = fieldId("mode");
  return (
    <fieldset class="modes wide" id={id} tabIndex={-1} aria-describedby={faults.mode ? `${id}-fault` : undefined}>
      <legend>How it is answered</legend>
      {MODES.map(([mode, name, words]) => (
        <label key={mode} class="check">
          <input
            type="radio"
            name="mode"
            value={mode}
            checked={draft.mode === mode}
            aria-labelledby={`${id}-${mode}`}
            aria-describedby={`${id}-${mode}-words`}
            onChange={() => edit({ mode })}
          />
          <span id={`${id}-${mode}`}>{name}</span>
          <span class="muted" id={`${id}-${mode}-words`}>
            {words}
          </span>
        </label>
      ))}
      {faults.mode && <Fault id={id} text={faults.mode} />}
    </fieldset>
  );
}

function ReviewField({ draft, faults }: Pick<Props, "draft" | "faults">) {
  const id = fieldId("review");
  return (
    <div class="wide">
      <label class="check">
        <input
          type="checkbox"
          id={id}
          checked={draft.review}
          aria-labelledby={`${id}-name`}
          aria-describedby={`${id}-words${faults.review ? ` ${id}-fault` : ""}`}
          onChange={(event) => edit({ review: event.currentTarget.checked })}
        />
        <span id={`${id}-name`}>Review the answer before it is final</span>
        <span class="muted price" id={`${id}-words`}>
          One call more of the big model, which reads all of the answer.
        </span>
      </label>
      {faults.review && <Fault id={id} text={faults.review} />}
    </div>
  );
}
