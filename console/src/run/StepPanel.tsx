import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { count, duration, plural } from "../lib/format";
import { useStore } from "../lib/store";
import { REMARK_BYTES_MAX, tooLong, writtenText } from "../lib/texts";
import { Markdown } from "../markdown/Markdown";
import { CopyButton } from "../ui/CopyButton";
import { Field } from "../ui/Field";
import { StateIcon } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import type { Plan, PlannedTask } from "../workflow/events";
import { awaitsApproval } from "../workflow/outcome";
import {
  EDIT,
  isTerminal,
  lastAttempt,
  partsOf,
  type Step,
  shortName,
  spanOf,
  textOf,
  tokensOf,
  triesOf,
  type Workflow,
} from "../workflow/state";
import { explain, pendingWords, retryWords, sentence, silenceWords, stepWord } from "../workflow/words";
import { Attempts } from "./Attempts";
import { CutNote } from "./CutNote";
import { useControls } from "./control";
import { PlanEditor } from "./PlanEditor";
import { bodyOf, ownersOf } from "./plan";
import { leftBehind } from "./planDrafts";
import { useRestart } from "./Restart";
import { Structured } from "./Structured";

interface Props {
  id: string;
  workflow: Workflow;
  step: Step;
  now: number;
  onPick: (name: string) => void;
  onApproved: () => void;
}

export function StepPanel({ id, workflow, step, now, onPick, onApproved }: Props) {
  const text = textOf(step);
  const streaming = step.state === "running" || (step.parts.length > 0 && !isTerminal(workflow.status));
  const end = useTail(text, streaming);
  const isTold = text !== "" && (step.kind !== "structure" || step.answer === null);
  return (
    <article class="step" aria-label={`Step ${shortName(step.name)}`}>
      <StepPicker {...{ workflow, step, onPick }} />
      <h3>
        <StateIcon name={step.state} size={18} /> {step.title}
      </h3>
      <Facts {...{ workflow, step, now }} />
      <Trouble {...{ workflow, step, now }} />
      {step.state === "pending" && <p class="muted why-pending">{pendingWords(step, workflow)}</p>}
      <Dependencies {...{ workflow, step, onPick }} />
      {step.instructions && (
        <details class="fold" open={step.state === "pending"}>
          <summary>Instructions</summary>
          <p class="instructions">{step.instructions}</p>
        </details>
      )}
      {workflow.remark?.step === step.name && (
        <div class="remark">
          <p class="muted">In this run it was told</p>
          <p class="instructions">{workflow.remark.text}</p>
        </div>
      )}
      {step.attempts.length > 0 && <Attempts step={step} now={now} />}
      <Edits {...{ workflow, step }} />
      {step.kind === "plan" && workflow.plan ? (
        <PlanText {...{ id, workflow, onPick, onApproved }} />
      ) : (
        <>
          {step.kind === "structure" && step.answer !== null && <Structured json={step.answer} />}
          {isTold && (
            <div class="tools">
              <h4>{textWords(step, streaming)}</h4>
              <span class="spring" />
              <CopyButton label="Copy" text={() => text} />
            </div>
          )}
          {isTold &&
            (isScript(step) ? (
              <pre class="raw" tabIndex={0}>
                {text}
              </pre>
            ) : (
              <Markdown text={text} streaming={streaming} />
            ))}
          {text === "" && streaming && <p class="muted waiting-text">{silenceWords(step, workflow, now)}</p>}
          <CutNote step={step} />
        </>
      )}
      <RestartFrom {...{ id, workflow, step }} />
      <span ref={end} />
    </article>
  );
}

/** What is read by a program, as it was written. */
const isScript = ({ kind }: Step): boolean => !["subtask", "reduce", "synthesis"].includes(kind);

function textWords(step: Step, streaming: boolean): string {
  if (streaming) return "Text so far";
  if (step.answer === null) return "Text of the last attempt";
  if (step.kind === "review") return "The reviewer's reply";
  return step.kind === "edit" ? "The editor's script" : "Answer";
}

/** Follows the end of a streaming text while the reader is there already. */
function useTail(text: string, streaming: boolean) {
  const end = useRef<HTMLSpanElement>(null);
  const near = useRef(true);
  useLayoutEffect(() => {
    const panel = end.current?.closest<HTMLElement>(".panel");
    if (!panel) return;
    const scrolled = () => {
      near.current = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 120;
    };
    panel.addEventListener("scroll", scrolled, { passive: true });
    return () => panel.removeEventListener("scroll", scrolled);
  }, []);
  useLayoutEffect(() => {
    const panel = end.current?.closest<HTMLElement>(".panel");
    if (!streaming || !panel || !near.current) return;
    const frame = requestAnimationFrame(() => panel.scrollTo({ top: panel.scrollHeight }));
    return () => cancelAnimationFrame(frame);
  }, [text, streaming]);
  return end;
}

function StepPicker({ workflow, step, onPick }: Omit<Props, "id" | "now" | "onApproved">) {
  return (
    <label class="field step-picker">
      <span class="visually-hidden">Step</span>
      <select value={step.name} onChange={(event) => onPick(event.currentTarget.value)}>
        {workflow.steps.map((other) => (
          <option key={other.name} value={other.name}>
            {other.kind === "subtask" ? `${shortName(other.name)}: ${other.title}` : shortName(other.name)} (
            {stepWord(other, workflow)})
          </option>
        ))}
      </select>
    </label>
  );
}

function Facts({ workflow, step, now }: Pick<Props, "workflow" | "step" | "now">) {
  const span = spanOf(step, now);
  const tokens = tokensOf(step);
  const model = lastAttempt(step)?.model;
  const facts: [string, string][] = [["State", stepWord(step, workflow)]];
  if (span) facts.push(["Time", duration(span.end - span.start)]);
  const parts = partsOf(step).at(-1) ?? 0;
  if (parts > 1) facts.push(["Parts", count(parts)]);
  if (triesOf(step) > 1 || parts === 1) facts.push(["Attempts", count(step.attempts.length)]);
  if (tokens.total > 0) facts.push(["Tokens", `${tokens.estimated ? "≈ " : ""}${count(tokens.total)}`]);
  const run = lastAttempt(step)?.run ?? workflow.run;
  if (run < workflow.run) facts.push(["Kept from", `run ${run}`]);
  // Last, because it may be long: on a phone it has a line to itself.
  if (model) facts.push(["Model", model]);
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name} class={name === "Model" ? "long" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Trouble({ workflow, step, now }: Pick<Props, "workflow" | "step" | "now">) {
  if (step.state === "retrying") {
    const error = lastAttempt(step)?.error;
    return (
      <Notice tone="warn" title={error ? explain(error) : "The last attempt failed."}>
        {error && error.name !== "Lost" ? sentence(error.message) : ""} {retryWords(step, now)}
      </Notice>
    );
  }
  if (step.state === "errored" && step.error) {
    return (
      <Notice
        tone="bad"
        title={`Failed for good after ${plural(step.attempts.length, "attempt")}. ${explain(step.error)}`}
      >
        {sentence(step.error.message)}
      </Notice>
    );
  }
  if (step.state === "skipped") {
    return (
      <Notice tone="warn" title={stepWord(step, workflow)}>
        {sentence(step.skipReason ?? "")}
      </Notice>
    );
  }
  if (step.state === "complete" && step.truncated) {
    return (
      <Notice tone="warn" title="Incomplete">
        The model stopped at its limit of tokens.
      </Notice>
    );
  }
  return null;
}

function Dependencies({ workflow, step, onPick }: Pick<Props, "workflow" | "step" | "onPick">) {
  const used =
    step.kind === "subtask"
      ? workflow.steps.filter((other) => other.kind === "subtask" && other.dependsOn.includes(step.name))
      : [];
  const needs = step.kind === "synthesis" || step.name === EDIT ? [] : step.dependsOn;
  if (needs.length === 0 && used.length === 0) return null;
  const link = (name: string) => (
    <button key={name} type="button" class="chip" onClick={() => onPick(name)}>
      {shortName(name)}
    </button>
  );
  return (
    <div class="chips dependencies">
      {needs.length > 0 && <span class="muted">Needs</span>}
      {needs.map(link)}
      {used.length > 0 && <span class="muted">Needed by</span>}
      {used.map((other) => link(other.name))}
    </div>
  );
}

function PlanText({ id, workflow, onPick, onApproved }: Omit<Props, "step" | "now">) {
  if (awaitsApproval(workflow)) return <PlanEditor key={workflow.run} {...{ id, workflow, onApproved }} />;
  const unused = leftBehind(id, workflow);
  return (
    <div class="plan-text">
      {unused && (
        <Notice tone="warn" title="The plan was approved elsewhere, without what you changed here">
          Your version is kept in this tab: {unused.tasks.map((task) => task.title || task.id).join(", ")}.{" "}
          <CopyButton label="Copy it as JSON" text={() => JSON.stringify(bodyOf(unused), null, 2)} />
        </Notice>
      )}
      {workflow.plan?.analysis && <p>{workflow.plan.analysis}</p>}
      <ol>
        {workflow.plan?.tasks.map((task) => (
          <li key={task.id}>
            <button type="button" class="link" onClick={() => onPick(`subtask/${task.id}`)}>
              <code>{task.id}</code> {task.title}
            </button>
            {task.depends_on.length > 0 && <span class="muted"> needs {task.depends_on.join(", ")}</span>}
            {(task.words || task.model === "big") && <span class="muted">, {termsOf(task)}</span>}
          </li>
        ))}
      </ol>
      {workflow.plan && <ContractText plan={workflow.plan} />}
    </div>
  );
}

const termsOf = ({ words, model }: PlannedTask): string =>
  [words && `about ${plural(words, "word")}`, model === "big" && "big model"].filter(Boolean).join(", ");

/** What the plan says beside the list of its subtasks. */
function ContractText({ plan }: { plan: Plan }) {
  const { shared, borders = [], criteria = [], length } = plan;
  return (
    <>
      {length && <p class="muted">The whole: about {plural(length, "word")}.</p>}
      {shared && (
        <section>
          <h4>Shared</h4>
          <p class="instructions">{shared}</p>
        </section>
      )}
      {borders.length > 0 && (
        <section>
          <h4>Borders</h4>
          <ul class="lines-text">
            {borders.map(({ what, owner }) => (
              <li key={what}>
                {what}{" "}
                <span class="muted">{owner ? `decided by ${owner === "editor" ? "the editor" : owner}` : ""}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {criteria.length > 0 && (
        <section>
          <h4>Criteria</h4>
          <ol class="lines-text">
            {criteria.map((text, at) => (
              <li key={text}>
                {text} <span class="muted">answered for by {ownersOf(plan.tasks, at + 1)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

/** What became of the edits, and of the rest of the editor's script. */
function Edits({ workflow, step }: Pick<Props, "workflow" | "step">) {
  if (step.kind === "synthesis" && step.assembledAt !== null)
    return <p class="muted">It was put together of the parts, without a call of its own.</p>;
  const made = { edit: workflow.assembly, review: workflow.reviewed };
  const edits = step.kind === "edit" || step.kind === "review" ? (made[step.kind]?.edits ?? []) : [];
  if (edits.length === 0) return null;
  return (
    <details class="fold" open={edits.some(({ state }) => state === "failed")}>
      <summary>
        Corrections <span class="badge">{edits.length}</span>
      </summary>
      <ol class="lines-text">
        {edits.map(({ step: part, state, reason }, at) => (
          <li key={at}>
            <code>{part === "synthesis" ? "answer" : shortName(part)}</code> {state === "applied" ? "made" : "not made"}
            {reason && <span class="muted">: {sentence(reason)}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function againWords(step: Step): string {
  if (step.kind === "plan") return "Everything runs again.";
  if (step.kind === "structure") return "It runs again, and the answer stays.";
  if (step.kind === "review") return "It runs again, with what depends on it, and the answer before it stays.";
  return "It runs again, with what depends on it and the synthesis.";
}

function RestartFrom({ id, workflow, step }: Pick<Props, "id" | "workflow" | "step">) {
  const controls = useControls("step");
  const { restart, question } = useRestart(id, workflow, controls);
  const { busy, disabled, error, dismiss } = controls;
  const possible = isTerminal(workflow.status) || step.state === "errored";
  const written = writtenText(`remark ${id} ${step.name}`);
  const remark = useStore(written);
  const fault = tooLong(remark, REMARK_BYTES_MAX);
  // Once its run has begun, what was written is told as the run's.
  useEffect(() => {
    if (workflow.remark?.step === step.name && workflow.remark.text === remark.trim()) written.set("");
  }, [workflow.remark]);
  if (!possible && !busy && error === null) return null;
  return (
    <div class="restart-from">
      <details class="fold" open={remark !== ""}>
        <summary>Say what it should do otherwise</summary>
        <Field id="remark" label="It sees this beside what it had written" fault={fault}>
          {(attributes) => (
            <textarea
              {...attributes}
              rows={2}
              value={remark}
              placeholder="Shorter, and with the prices of this year."
              onInput={(event) => written.set(event.currentTarget.value)}
            />
          )}
        </Field>
      </details>
      <button
        type="button"
        class="button"
        disabled={disabled || !possible || fault !== null}
        onClick={() => restart({ name: step.name }, remark)}
      >
        {busy ?? `Restart from ${step.kind === "subtask" ? shortName(step.name) : shortName(step.name).toLowerCase()}`}
      </button>
      <span class="muted">{againWords(step)}</span>
      {error !== null && <ErrorNotice error={error} onClose={dismiss} />}
      {question}
    </div>
  );
}
