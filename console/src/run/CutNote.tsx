import { lastAttempt, type Step } from "../workflow/state";

/** Why the text of a running step, or of the answer, does not grow: the server sends no more of it live. */
export function CutNote({ step, isCut }: { step?: Step; isCut?: boolean }) {
  if (!isCut && !(step?.state === "running" && lastAttempt(step)?.liveIsCut)) return null;
  return (
    <p class="muted waiting-text">Too much is written at once to show it live. The rest comes with the whole text.</p>
  );
}
