import { duration } from "../lib/format";
import { StateIcon } from "../ui/icons";
import { shortName, type Workflow } from "../workflow/state";

/** Everything that happened, as sentences. */
export function LogPanel({ workflow, onPick }: { workflow: Workflow; onPick: (name: string) => void }) {
  return (
    <ol class="log">
      {workflow.log.map((entry) => (
        <li key={entry.seq}>
          <span class="muted log-time" title={new Date(entry.at).toLocaleString()}>
            {duration(entry.at - workflow.queuedAt)}
          </span>
          <StateIcon name={entry.tone} size={14} />
          <div>
            <p>{entry.text}</p>
            {entry.detail && <p class="muted">{entry.detail}</p>}
          </div>
          {entry.step && workflow.steps.some((step) => step.name === entry.step) && (
            <button type="button" class="link" onClick={() => onPick(entry.step ?? "")}>
              Show<span class="visually-hidden"> {shortName(entry.step)}</span>
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
