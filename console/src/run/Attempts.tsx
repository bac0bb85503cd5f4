import { clock, count, duration } from "../lib/format";
import { StateIcon } from "../ui/icons";
import { type Attempt, partsOf, type Step } from "../workflow/state";
import { explain, sentence } from "../workflow/words";

const WORDS: Record<Attempt["outcome"], string> = {
  running: "running",
  complete: "complete",
  failed: "failed",
  lost: "lost",
  aborted: "stopped",
};
const ICONS = {
  running: "running",
  complete: "complete",
  failed: "errored",
  lost: "lost",
  aborted: "stopped",
} as const;

export function Attempts({ step, now }: { step: Step; now: number }) {
  const parts = partsOf(step);
  const wasContinued = (index: number) => (parts[index + 1] ?? 0) > (parts[index] ?? 0);
  return (
    <details class="fold" open={step.attempts.length > 1 || step.state === "errored"}>
      <summary>
        Attempts <span class="badge">{step.attempts.length}</span>
      </summary>
      <ol class="attempts">
        {step.attempts.map((attempt, index) => (
          <li key={`${attempt.run} ${attempt.number}`} data-outcome={attempt.outcome}>
            <StateIcon name={ICONS[attempt.outcome]} size={14} />
            <div>
              <p>
                <strong>
                  Attempt {attempt.number}
                  {(parts[index] ?? 1) > 1 && " (continued)"} {WORDS[attempt.outcome]}
                </strong>
                <span class="muted">
                  {" "}
                  {clock(attempt.start)}, {duration((attempt.end ?? now) - attempt.start)}, {attempt.model}
                  {usage(attempt)}
                </span>
              </p>
              {attempt.error && (
                <p>
                  {explain(attempt.error)}{" "}
                  {attempt.error.name !== "Lost" && <span class="muted">{sentence(attempt.error.message)}</span>}
                </p>
              )}
              {attempt.truncated && (
                <p>
                  The model stopped at its limit of tokens{wasContinued(index) && ", and the next attempt continues"}.
                </p>
              )}
              {attempt.inputCut && <p>What it was given was cut to fit its context.</p>}
            </div>
          </li>
        ))}
      </ol>
    </details>
  );
}

function usage({ usage }: Attempt): string {
  if (!usage) return "";
  const about = usage.estimated ? "about " : "";
  return `, ${about}${count(usage.prompt_tokens)} tokens read and ${count(usage.completion_tokens)} written`;
}
