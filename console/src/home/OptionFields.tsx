import type { Info } from "../net/api";
import { type Draft, edit } from "./draft";

export function OptionFields({ draft, info }: { draft: Draft; info: Info | null }) {
  return (
    <div class="options">
      <NumberField
        label="Subtasks, at most"
        value={draft.maxSubtasks}
        placeholder="8"
        min={1}
        max={50}
        onValue={(maxSubtasks) => edit({ maxSubtasks })}
      />
      <NumberField
        label="At once, at most"
        value={draft.maxConcurrency}
        placeholder="no limit"
        min={1}
        max={50}
        onValue={(maxConcurrency) => edit({ maxConcurrency })}
      />
      <label class="field">
        <span>If a subtask fails</span>
        <select
          value={draft.failure}
          onChange={(event) => edit({ failure: event.currentTarget.value as Draft["failure"] })}
        >
          <option value="continue">Go on, and name the gap</option>
          <option value="fail">Fail the workflow</option>
        </select>
      </label>
      <ModelField
        label="Big model (plan, synthesis)"
        names={info?.big ?? []}
        value={draft.bigModel}
        onValue={(bigModel) => edit({ bigModel })}
      />
      <ModelField
        label="Small model (subtasks)"
        names={info?.small ?? []}
        value={draft.smallModel}
        onValue={(smallModel) => edit({ smallModel })}
      />
      <NumberField
        label="Time limit, seconds"
        value={draft.deadlineSeconds}
        placeholder="none"
        min={1}
        onValue={(deadlineSeconds) => edit({ deadlineSeconds })}
      />
      <NumberField
        label="Token budget"
        value={draft.tokenBudget}
        placeholder="none"
        min={1}
        onValue={(tokenBudget) => edit({ tokenBudget })}
      />
      <label class="field wide">
        <span>Instructions for tone, format, domain (all steps see them)</span>
        <textarea
          rows={2}
          maxLength={4096}
          value={draft.instructions}
          placeholder="Answer in British English, for engineers."
          onInput={(event) => edit({ instructions: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  value: string;
  placeholder: string;
  min: number;
  max?: number;
  onValue: (value: string) => void;
}

function NumberField({ label, value, placeholder, min, max, onValue }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        inputMode="numeric"
        {...{ value, placeholder, min, max }}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}

function ModelField({
  label,
  names,
  value,
  onValue,
}: {
  label: string;
  names: string[];
  value: string;
  onValue: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        <option value="">{names[0] ? `Default: ${names[0]}` : "Default"}</option>
        {names.slice(1).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
