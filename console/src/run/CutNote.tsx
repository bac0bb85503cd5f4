import { lastAttempt, type Step } from "../workflow/state";

/** Why the text of a running step does not grow: the server sends no more of it live. */
export function CutNote({ step }: { step: Step | undefined }) {
  if (step?.state !== "running" || !lastAttempt(step)?.liveIsCut) return null;
  return (
    <p class="muted waiting-text">Too much is written at once to show it live. The rest comes with the whole text.</p>
  );
}
