import { StateIcon } from "../ui/icons";
import { TROUBLE } from "./examples";

interface Props {
  onTrouble: (marker: string) => void;
  /** Whether the prompt holds a marker. */
  pressed: (marker: string) => boolean;
  /** One line, the buttons behind a fold. */
  folded?: boolean;
}

/** Says that no model answers, and offers the demo's trouble. */
export function DemoBanner({ onTrouble, pressed, folded }: Props) {
  const buttons = (
    <div class="chips">
      {TROUBLE.map(({ label, marker, hint }) => (
        <button
          key={marker}
          type="button"
          class="chip"
          title={`${marker}: ${hint}`}
          aria-pressed={pressed(marker)}
          onClick={() => onTrouble(marker)}
        >
          {label}
        </button>
      ))}
    </div>
  );
  return (
    <section class={`demo-banner${folded ? " folded" : ""}`} aria-label="Demo provider">
      <StateIcon name="info" />
      <p>
        <strong>Demo: no language model {folded ? "was" : "is"} called.</strong> The texts only show what a model would
        have been given.
      </p>
      {folded ? (
        <details class="fold">
          <summary>Try it with trouble</summary>
          {buttons}
        </details>
      ) : (
        <>
          <p class="muted">Trouble to try:</p>
          {buttons}
        </>
      )}
    </section>
  );
}
