import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { save } from "../lib/files";
import { Markdown } from "../markdown/Markdown";
import { type Info, status } from "../net/api";
import { CopyButton } from "../ui/CopyButton";
import { Glyph } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import { resolvedCount } from "../workflow/analysis";
import {
  EDIT,
  findStep,
  isDirect,
  isResolved,
  isTerminal,
  REPAIR,
  REVIEW,
  STRUCTURE,
  shortName,
  subtasksOf,
  type Tone,
  textOf,
  unreviewed,
  type Workflow,
} from "../workflow/state";
import { scalarPrefix } from "../workflow/text";
import { explain, lengthWords, sentence, type Warning, warningsOf } from "../workflow/words";
import { Changes } from "./Changes";
import { Conversation } from "./Conversation";
import { CutNote } from "./CutNote";
import { FollowUp, useFollowUp } from "./FollowUp";
import { expanding } from "./followUps";
import { Structured } from "./Structured";

interface Props {
  id: string;
  info: Info | null;
  workflow: Workflow;
  onPick: (name: string) => void;
}

type View = "text" | "changes" | "json";

export function AnswerPanel({ id, info, workflow, onPick }: Props) {
  const synthesis = findStep(workflow, "synthesis");
  const { text, settled } = readersText(workflow);
  const streaming = !isTerminal(workflow.status);
  const isOpen = streaming && settled < text.length;
  const [view, setView] = useState<View>("text");
  const before = unreviewed(workflow);
  const json = findStep(workflow, STRUCTURE)?.answer ?? null;
  const followUp = useFollowUp(workflow.spec, info);
  const isFinished = workflow.status === "complete" && text !== "";
  // A section alone does not fit what the whole fits.
  const expand = (section: string) => void followUp.send(expanding(section), false);
  return (
    <article class="answer" aria-label="Answer" aria-busy={streaming}>
      {workflow.spec && <Conversation key={workflow.spec.id} spec={workflow.spec} />}
      <AnswerTools {...{ id, text, workflow }}>
        <Views {...{ workflow, json, view }} onChange={setView} />
      </AnswerTools>
      <Ending {...{ workflow, onPick }} />
      {text && <OpenNote key={id} {...{ workflow, isOpen }} />}
      {view === "changes" && before !== null ? (
        <Changes {...{ before }} after={workflow.reviewed?.text ?? text} />
      ) : view === "json" && json !== null ? (
        <Structured json={json} />
      ) : text ? (
        <Markdown {...{ text, streaming, settled }} sections={isFinished && !followUp.busy ? expand : null} />
      ) : (
        <NoAnswerYet workflow={workflow} />
      )}
      <CutNote step={synthesis} isCut={streaming && workflow.reader?.isCut} />
      {isFinished && (
        <FollowUp {...{ id, ...followUp }} hasSchema={workflow.spec?.options.output_schema !== undefined} />
      )}
    </article>
  );
}

/** The result, or the text so far as its reader will have it, and up to where that stays as it is (UTF-16 units). */
function readersText(workflow: Workflow): { text: string; settled: number } {
  const whole = (text: string) => ({ text, settled: text.length });
  if (workflow.result !== null) return whole(workflow.result);
  const { reader } = workflow;
  if (reader && reader.live.text !== "")
    return { text: reader.live.text, settled: scalarPrefix(reader.live.text, reader.settled).length };
  const synthesis = findStep(workflow, "synthesis");
  return whole(synthesis ? textOf(synthesis) : "");
}

interface OpenNoteProps {
  workflow: Workflow;
  isOpen: boolean;
}

/**
 * Why a part of the text may still change. It keeps its place once it is settled, and has it from the beginning where
 * that is to be expected, because it would move the text that somebody reads.
 */
function OpenNote({ workflow, isOpen }: OpenNoteProps) {
  const words = useRef<string | null>(null);
  const streaming = !isTerminal(workflow.status);
  const isExpected = streaming && (workflow.spec?.options.review === "once" || findStep(workflow, EDIT) !== undefined);
  if (isOpen || (isExpected && words.current === null)) words.current = openWords(workflow);
  if (words.current === null) return null;
  return (
    <p class="muted open-note">
      <span class={isOpen ? undefined : "past"}>{words.current}</span>
      {workflow.status === "complete" && <span>All of it is settled.</span>}
    </p>
  );
}

/** Why a part of the text may still change. */
function openWords(workflow: Workflow): string {
  const review = findStep(workflow, REVIEW);
  const isWritten = findStep(workflow, "synthesis")?.answer != null;
  const who = workflow.reader?.isOld
    ? "it is being read anew"
    : review && isWritten && !isResolved(review)
      ? "it is being reviewed"
      : findStep(workflow, REPAIR)
        ? "corrections are being repaired"
        : "corrections may still come";
  return `What has a dashed line at its side is not settled yet: ${who}.`;
}

interface ViewsProps {
  workflow: Workflow;
  json: string | null;
  view: View;
  onChange: (view: View) => void;
}

/** What else there is to see of the answer: from the beginning where it is asked for, so that it moves nothing. */
function Views({ workflow, json, view, onChange }: ViewsProps) {
  const { review, output_schema } = workflow.spec?.options ?? {};
  const none = workflow.reviewed ? "The review has changed nothing" : "The answer is not reviewed";
  const toggle = (name: View, text: string, label: string, isThere: boolean, title: string) => (
    <button
      type="button"
      class="button quiet"
      disabled={!isThere}
      title={isThere ? undefined : title}
      aria-label={label}
      aria-pressed={view === name && isThere}
      onClick={() => onChange(view === name ? "text" : name)}
    >
      {text}
    </button>
  );
  return (
    <>
      {review === "once" && toggle("changes", "Changes", "Changes of the review", unreviewed(workflow) !== null, none)}
      {output_schema !== undefined &&
        toggle("json", "Structured", "Structured output", json !== null, "There is no JSON that fits the schema")}
    </>
  );
}

interface ToolsProps {
  id: string;
  text: string;
  workflow: Workflow;
  children: ComponentChildren;
}

function AnswerTools({ id, text, workflow, children }: ToolsProps) {
  const [error, setError] = useState<unknown>(null);
  const saveJson = async () => {
    setError(null);
    try {
      save(`${id}.json`, "application/json", `${JSON.stringify({ id, status: await status(id) }, null, 2)}\n`);
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
        {children}
        {/* It has its place before there is a length, because it has a line of its own on a phone. */}
        <span class="length-place">
          {workflow.measured && (
            <span class="muted answer-length" title="Words of prose: code and tables don't count">
              {lengthWords(workflow.measured)}
            </span>
          )}
        </span>
      </div>
      {error !== null && <ErrorNotice error={error} onClose={() => setError(null)} />}
    </>
  );
}

/** How the run ended, and what its answer lacks: one notice, which never pushes the answer out of view. */
function Ending({ workflow, onPick }: { workflow: Workflow; onPick: (name: string) => void }) {
  const warnings = warningsOf(workflow);
  const ending = endingOf(workflow, warnings);
  if (!ending) return null;
  // A failure that ended the run is told once, as the run's.
  const isTold = ({ step }: Warning) => {
    const error = findStep(workflow, step)?.error;
    return !!error && !!workflow.error?.message.includes(error.message);
  };
  const lacking = warnings.filter((warning) => !isTold(warning));
  const list = (
    <ul class="lacking">
      {lacking.map((warning) => (
        <li key={`${warning.step} ${warning.title}`}>
          <strong>{warning.title}.</strong> {warning.detail} <ShowStep {...{ warning, onPick }} />
        </li>
      ))}
    </ul>
  );
  return (
    <Notice tone={ending.tone} title={ending.title}>
      {ending.detail}{" "}
      {warnings.filter(isTold).map((warning) => (
        <ShowStep key={warning.step} {...{ warning, onPick }} />
      ))}
      {lacking.length > LISTED_MAX ? (
        <details class="fold">
          <summary>Show all {lacking.length}</summary>
          {list}
        </details>
      ) : (
        lacking.length > 0 && list
      )}
    </Notice>
  );
}

function ShowStep({ warning: { step }, onPick }: { warning: Warning; onPick: (name: string) => void }) {
  if (!step) return null;
  return (
    <button type="button" class="link" onClick={() => onPick(step)}>
      Show {shortName(step)}
    </button>
  );
}

/** More than this stay folded, so that the answer leads. */
const LISTED_MAX = 2;

function endingOf(workflow: Workflow, warnings: Warning[]): { tone: Tone; title: string; detail: string } | null {
  if (workflow.status === "errored" && workflow.error)
    return {
      tone: "bad",
      title: `The workflow failed. ${explain(workflow.error)}`,
      detail: `${sentence(workflow.error.message)} “Restart” runs again what failed, and keeps the other answers.`,
    };
  if (workflow.status === "terminated")
    return {
      tone: "warn",
      title: "The workflow was terminated",
      detail: "What was complete by then is kept. “Restart” runs it again.",
    };
  if (warnings.length === 0) return null;
  const tone: Tone = warnings.some(({ lacks }) => lacks) ? "warn" : "info";
  if (!isTerminal(workflow.status))
    return { tone, title: tone === "warn" ? "Not all went well so far" : "Good to know", detail: "" };
  // The pill of the page's head has counted what is there.
  const subtasks = subtasksOf(workflow);
  const lacking = subtasks.filter((step) => step.state !== "complete").length;
  const gaps = tone === "warn" ? "The answer has gaps" : "Good to know";
  const title = lacking > 0 ? `The answer lacks ${lacking} of ${subtasks.length} subtasks` : gaps;
  return { tone, title, detail: "" };
}

function NoAnswerYet({ workflow }: { workflow: Workflow }) {
  if (isTerminal(workflow.status)) return null;
  return (
    <div class="no-answer">
      <p class="muted">{noAnswerWords(workflow)}</p>
      <div class="skeleton" aria-hidden="true" />
    </div>
  );
}

function noAnswerWords(workflow: Workflow): string {
  const subtasks = subtasksOf(workflow);
  if (isDirect(workflow)) return "One call of the big model writes the answer.";
  if (subtasks.length === 0) return "The answer is written once the plan is made and its subtasks are done.";
  const edit = findStep(workflow, EDIT);
  if (edit && edit.state !== "pending") return "The editor corrects the parts first. Then the answer begins.";
  const made = edit ? "put together" : "written";
  return `The answer is ${made} when every subtask is done: ${resolvedCount(subtasks)} of ${subtasks.length} so far.`;
}
