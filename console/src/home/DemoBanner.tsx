import { StateIcon } from "../ui/icons";
import { TROUBLE } from "./examples";

interface Props {
  onTrouble: (marker: string) => void;
  /** Whether the prompt holds a marker. */
  pressed: (marker: string) => boolean;
  /** One quiet line, all else behind it. */
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
  if (folded)
    return (
      <details class="fold demo-line">
        <summary>Demo: no language model was called</summary>
        <p>The texts only show what a model would have been given. Try it with trouble:</p>
        {buttons}
      </details>
    );
  return (
    <section class="demo-banner" aria-label="Demo provider">
      <StateIcon name="info" />
      <p>
        <strong>Demo: no language model is called.</strong> The texts only show what a model would have been given.
      </p>
      <p class="muted">Trouble to try:</p>
      {buttons}
    </section>
  );
}
