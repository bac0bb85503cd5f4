import type { ComponentChildren } from "preact";
import { clock, count, duration, plural } from "../lib/format";
import { titleOf } from "../lib/recents";
import type { Connection } from "../net/feed";
import { CopyButton } from "../ui/CopyButton";
import { StateIcon } from "../ui/icons";
import { concurrency } from "../workflow/analysis";
import { gapsOf, statusWord, type Times, tallyOf, tallyWords, timesOf } from "../workflow/outcome";
import type { Spent, Workflow } from "../workflow/state";

interface Props {
  workflow: Workflow;
  now: number;
  connection: Connection;
  /** Since when nothing is known of it, on this computer's clock; null while the connection is there. */
  lostSince: number | null;
  children: ComponentChildren;
}

export function RunHeader({ workflow, now, connection, lostSince, children }: Props) {
  const prompt = workflow.spec?.prompt ?? "";
  const { spent, total, run } = workflow;
  const times = timesOf(workflow, now);
  const gaps = gapsOf(workflow);
  // One scope, and the other one where it differs.
  const allRuns = (value: number) => (run > 1 ? `${count(value)} in all ${run} runs` : undefined);
  return (
    <header class="run-head">
      <div class="run-title">
        <h1 title={prompt} tabIndex={-1}>
          {titleOf(prompt)}
        </h1>
        <p class="run-id muted">
          <code>{workflow.spec?.id}</code>
          <CopyButton class="tiny" label="Copy ID" text={() => workflow.spec?.id ?? ""} />
          {run > 1 && <span class="tag">Run {run}</span>}
          {Object.entries(workflow.spec?.metadata ?? {}).map(([key, value]) => (
            <span key={key} class="tag">
              {key}: {value}
            </span>
          ))}
        </p>
      </div>
      <div class="run-actions">{children}</div>
      <dl class="metrics">
        <div>
          <dt>Status</dt>
          <dd>
            <span
              class={`pill status-${gaps === null ? workflow.status : "gaps"}${lostSince === null ? "" : " lost"}`}
              data-status={workflow.status}
            >
              <StateIcon name={lostSince !== null ? "lost" : gaps === null ? workflow.status : "warn"} />{" "}
              {lostSince !== null && "Last known: "}
              {statusWord(workflow.status, gaps)}
            </span>
          </dd>
        </div>
        <Metric
          name="Time"
          value={duration(times.active)}
          hint={clockHint(times)}
          note={clockNote(workflow, times, lostSince)}
        />
        <Metric name="At once" value={`${concurrency(workflow, now).peak}`} hint="calls, at the peak" />
        <Metric name="Subtasks" value={tallyWords(tallyOf(workflow))} />
        <Metric name="Model calls" value={count(spent.calls)} note={allRuns(total.calls)} />
        <Metric
          name="Tokens"
          value={`${spent.estimated ? "≈ " : ""}${count(spent.prompt + spent.completion)}`}
          hint={tokensHint(spent)}
          note={allRuns(total.prompt + total.completion)}
        />
      </dl>
      <details class="fold prompt-fold">
        <summary>Prompt</summary>
        <pre class="prompt-text" tabIndex={0}>
          {prompt}
        </pre>
        {workflow.spec?.options.instructions && <p class="muted">Instructions: {workflow.spec.options.instructions}</p>}
      </details>
      <span class={`live-mark ${connection.kind}`} aria-hidden="true">
        {connection.kind === "live" ? "Live" : ""}
      </span>
    </header>
  );
}

function tokensHint({ prompt, completion, estimated }: Spent): string {
  return `${plural(prompt, "token")} read, ${count(completion)} written${estimated ? ", partly estimated" : ""}`;
}

/** Why the clock stands, or how much more time has passed than it shows. */
function clockNote({ status }: Workflow, { paused, approval }: Times, lostSince: number | null): string | undefined {
  if (lostSince !== null) return `as of ${clock(lostSince)}`;
  if (status === "paused") return `stands: paused for ${duration(paused)}`;
  if (status === "waiting") return `stands: waiting for ${duration(approval)}`;
  if (paused + approval === 0) return undefined;
  const why = paused === 0 ? "waiting" : approval === 0 ? "paused" : "paused or waiting";
  return `and ${duration(paused + approval)} ${why}`;
}

function clockHint({ paused, approval }: Times): string {
  const idle =
    paused + approval > 0 ? `: not ${duration(paused)} paused and ${duration(approval)} before an approval` : "";
  return `in which something could run${idle}`;
}

function Metric({ name, value, hint, note }: { name: string; value: string; hint?: string; note?: string }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>
        {value}
        {note && <small> {note}</small>}
      </dd>
    </div>
  );
}
