import { useState } from "preact/hooks";
import { save } from "../lib/files";
import { Markdown } from "../markdown/Markdown";
import { status } from "../net/api";
import { CopyButton } from "../ui/CopyButton";
import { Glyph } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import { resolvedCount } from "../workflow/analysis";
import { findStep, isTerminal, shortName, subtasksOf, textOf, type Workflow } from "../workflow/state";
import { explain, sentence, warningsOf } from "../workflow/words";
import { CutNote } from "./CutNote";

export function AnswerPanel({
  id,
  workflow,
  onPick,
}: {
  id: string;
  workflow: Workflow;
  onPick: (name: string) => void;
}) {
  const synthesis = findStep(workflow, "synthesis");
  const text = workflow.result ?? (synthesis ? textOf(synthesis) : "");
  const streaming = !isTerminal(workflow.status);
  return (
    <article class="answer" aria-label="Answer" aria-busy={streaming}>
      <AnswerTools {...{ id, text, workflow }} />
      <Endings workflow={workflow} />
      <Warnings {...{ workflow, onPick }} />
      {text ? <Markdown text={text} streaming={streaming} /> : <NoAnswerYet workflow={workflow} />}
      <CutNote step={synthesis} />
    </article>
  );
}

function AnswerTools({ id, text, workflow }: { id: string; text: string; workflow: Workflow }) {
  const [error, setError] = useState<unknown>(null);
  const saveJson = async () => {
    setError(null);
    try {
      save(`${id}.json`, "application/json", `${JSON.stringify(await status(id), null, 2)}\n`);
    } catch (failure) {
      setError(failure);
    }
  };
  const none = workflow.result === null;
  return (
    <>
      <div class="tools">
        <CopyButton label="Copy" text={() => text} disabled={none} />
        <button
          type="button"
          class="button quiet"
          disabled={none}
          onClick={() => save(`${id}.md`, "text/markdown", `${text}\n`)}
        >
          <Glyph name="download" size={14} /> Markdown
        </button>
        <button type="button" class="button quiet" onClick={saveJson}>
          <Glyph name="download" size={14} /> JSON
        </button>
      </div>
      {error !== null && <ErrorNotice error={error} onClose={() => setError(null)} />}
    </>
  );
}

function Endings({ workflow }: { workflow: Workflow }) {
  if (workflow.status === "errored" && workflow.error) {
    return (
      <Notice tone="bad" title={`The workflow failed. ${explain(workflow.error)}`}>
        {sentence(workflow.error.message)} “Restart” runs again what failed, and keeps the other answers.
      </Notice>
    );
  }
  if (workflow.status === "terminated") {
    return (
      <Notice tone="warn" title="The workflow was terminated">
        What was complete by then is kept. “Restart” runs it again.
      </Notice>
    );
  }
  return null;
}

function Warnings({ workflow, onPick }: { workflow: Workflow; onPick: (name: string) => void }) {
  return (
    <>
      {warningsOf(workflow).map((warning) => (
        <Notice key={`${warning.step} ${warning.title}`} tone={warning.tone} title={warning.title}>
          {warning.detail}{" "}
          {warning.step && warning.step !== "synthesis" && (
            <button type="button" class="link" onClick={() => onPick(warning.step ?? "")}>
              Show {shortName(warning.step)}
            </button>
          )}
        </Notice>
      ))}
    </>
  );
}

function NoAnswerYet({ workflow }: { workflow: Workflow }) {
  if (isTerminal(workflow.status)) return null;
  const subtasks = subtasksOf(workflow);
  const words =
    subtasks.length === 0
      ? "The answer is written once the plan is made and its subtasks are done."
      : `The answer is written when every subtask is done: ${resolvedCount(subtasks)} of ${subtasks.length} so far.`;
  return (
    <div class="no-answer">
      <p class="muted">{words}</p>
      <div class="skeleton" aria-hidden="true" />
    </div>
  );
}
