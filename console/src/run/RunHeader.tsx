import type { ComponentChildren } from "preact";
import { count, duration, plural } from "../lib/format";
import { titleOf } from "../lib/recents";
import type { Connection } from "../net/feed";
import { CopyButton } from "../ui/CopyButton";
import { StateIcon } from "../ui/icons";
import { concurrency, resolvedCount } from "../workflow/analysis";
import { subtasksOf, type Workflow } from "../workflow/state";
import { STATUS_WORDS } from "../workflow/words";

interface Props {
  workflow: Workflow;
  now: number;
  connection: Connection;
  children: ComponentChildren;
}

export function RunHeader({ workflow, now, connection, children }: Props) {
  const prompt = workflow.spec?.prompt ?? "";
  const subtasks = subtasksOf(workflow);
  const tokens = workflow.tokens.prompt + workflow.tokens.completion;
  return (
    <header class="run-head">
      <div class="run-title">
        <h1 title={prompt}>{titleOf(prompt)}</h1>
        <p class="run-id muted">
          <code>{workflow.spec?.id}</code>
          <CopyButton class="tiny" label="Copy ID" text={() => workflow.spec?.id ?? ""} />
          {workflow.run > 1 && <span class="tag">Run {workflow.run}</span>}
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
            <span class={`pill status-${workflow.status}`} data-status={workflow.status}>
              <StateIcon name={workflow.status} /> {STATUS_WORDS[workflow.status]}
            </span>
          </dd>
        </div>
        <Metric name="Time" value={duration((workflow.endedAt ?? now) - workflow.runStart)} />
        <Metric
          name="Subtasks"
          value={subtasks.length > 0 ? `${resolvedCount(subtasks)} of ${subtasks.length}` : "–"}
        />
        <Metric name="At once" value={`${concurrency(workflow, now).peak}`} hint="calls, at the peak" />
        <Metric name="Model calls" value={count(workflow.calls)} />
        <Metric
          name="Tokens"
          value={`${workflow.tokens.estimated ? "≈ " : ""}${count(tokens)}`}
          hint={tokensHint(workflow)}
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

function tokensHint({ tokens }: Workflow): string {
  const estimated = tokens.estimated ? ", partly estimated" : "";
  return `${plural(tokens.prompt, "token")} read, ${count(tokens.completion)} written${estimated}`;
}

function Metric({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
