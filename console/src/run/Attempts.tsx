import { clock, count, duration } from "../lib/format";
import { StateIcon } from "../ui/icons";
import { type Attempt, partsOf, type Step, triesOf } from "../workflow/state";
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
  const continued = (parts.at(-1) ?? 1) > 1;
  const name = (at: number) => {
    const part = `Part ${parts[at]}`;
    if (!continued) return `Attempt ${step.attempts[at]?.number}`;
    const tries = parts.slice(0, at + 1).filter((other) => other === parts[at]).length;
    return parts.filter((other) => other === parts[at]).length > 1 ? `${part}, attempt ${tries}` : part;
  };
  return (
    <details class="fold" open={triesOf(step) > 1 || step.state === "errored"}>
      <summary>
        {continued ? "Parts" : "Attempts"} <span class="badge">{continued ? parts.at(-1) : step.attempts.length}</span>
      </summary>
      <ol class="attempts">
        {step.attempts.map((attempt, at) => (
          <li key={`${attempt.run} ${attempt.number}`} data-outcome={attempt.outcome}>
            <StateIcon name={ICONS[attempt.outcome]} size={14} />
            <div>
              <p>
                <strong>
                  {name(at)} {WORDS[attempt.outcome]}
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
                  The model stopped at its limit of tokens
                  {at + 1 < parts.length ? ", and went on in the next part" : ""}.
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
