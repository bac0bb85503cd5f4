import { StateIcon } from "../ui/icons";
import { TROUBLE } from "./examples";

/** Says that no model answers, and offers the demo's trouble. `pressed` tells which markers the prompt holds. */
export function DemoBanner({ onTrouble, pressed }: { onTrouble: (marker: string) => void; pressed?: (marker: string) => boolean }) {
  return (
    <section class="demo-banner" aria-label="Demo provider">
      <StateIcon name="info" />
      <div>
        <p>
          <strong>Demo: no language model is called.</strong> The texts only show what a model would have been given. Trouble to try:
        </p>
        <div class="chips">
          {TROUBLE.map(({ label, marker, hint }) => (
            <button key={marker} type="button" class="chip" title={`${marker}: ${hint}`} aria-pressed={pressed?.(marker)} onClick={() => onTrouble(marker)}>
              {label}
            </button>
          ))}
        </div>
      </div>
    </section>
  );
}
