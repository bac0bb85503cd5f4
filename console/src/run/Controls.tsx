import { useState } from "preact/hooks";
import { forget, titleOf } from "../lib/recents";
import { go } from "../lib/router";
import { type ControlName, remove } from "../net/api";
import { Confirm } from "../ui/Confirm";
import { Menu, type MenuItem } from "../ui/Menu";
import { ErrorNotice } from "../ui/Notice";
import { type From, leftOver } from "../workflow/restart";
import { isTerminal, shortName, type Workflow } from "../workflow/state";
import { useControls } from "./control";
import { useRestart } from "./Restart";

interface Props {
  id: string;
  workflow: Workflow;
  /** The step that the side panel shows. */
  selected: string | null;
  onAgain: () => void;
  onReview: () => void;
}

export function Controls({ id, workflow, selected, onAgain, onReview }: Props) {
  const controls = useControls("controls");
  const { busy, disabled, act } = controls;
  const { restart, question } = useRestart(id, workflow, controls);
  const [asked, setAsked] = useState<"terminate" | "delete" | null>(null);
  const [undeleted, setUndeleted] = useState<unknown>(null);
  const { status } = workflow;
  const button = (label: string, onClick: () => void, extra = "") => (
    <button type="button" class={`button ${extra}`} disabled={disabled} onClick={onClick}>
      {label}
    </button>
  );
  const control = (name: ControlName) => () => void act(name);
  return (
    <>
      <div class="controls" role="group" aria-label="Controls" aria-busy={disabled}>
        <span class="muted doing" role="status">
          {busy}
        </span>
        {/* On a phone the panel is just below, and has one of its own. */}
        {status === "waiting" && button("Review the plan", onReview, "primary wide-only")}
        {(status === "queued" || status === "running" || status === "waiting") && button("Pause", control("pause"))}
        {(status === "paused" || status === "waitingForPause") && button("Resume", control("resume"), "primary")}
        {!isTerminal(status) && button("Terminate", () => setAsked("terminate"))}
        <Menu label="Restart" disabled={disabled} items={restarts(workflow, selected, restart)} />
        <Menu
          label="More"
          items={[
            { label: "New workflow from this prompt", hint: "with all of its options", action: onAgain },
            { label: "Delete…", hint: "with all of its data", danger: true, action: () => setAsked("delete") },
          ]}
        />
      </div>
      {controls.error !== null && <ErrorNotice error={controls.error} onClose={controls.dismiss} />}
      {undeleted !== null && <ErrorNotice error={undeleted} onClose={() => setUndeleted(null)} />}
      {question}
      {asked === "terminate" && !isTerminal(status) && (
        <Confirm
          title="Terminate this run?"
          action="Terminate it"
          keep="Let it run"
          onConfirm={() => void act("terminate")}
          onClose={() => setAsked(null)}
        >
          <p>
            Calls in flight are stopped, and what they have written is lost. The answers that are complete are kept, and
            a restart goes on from them.
          </p>
        </Confirm>
      )}
      {asked === "delete" && (
        <DeleteQuestion {...{ id, workflow }} onClose={() => setAsked(null)} onError={setUndeleted} />
      )}
    </>
  );
}

function restarts(workflow: Workflow, selected: string | null, restart: (from: From) => void): MenuItem[] {
  const items: MenuItem[] = [{ label: "Everything", hint: "plan anew", action: () => restart("everything") }];
  const named = (steps: { name: string }[]) => steps.map((step) => shortName(step.name)).join(", ");
  const left = leftOver(workflow);
  const { from } = left;
  if (workflow.status === "terminated" && from) {
    const action = () => restart({ name: from.name });
    items.unshift({ label: "What is left", hint: `${named(left.steps)}; keeps all answers`, action });
  }
  const failed = workflow.steps.filter((step) => step.state === "errored" || step.state === "skipped");
  if (failed.length > 0) {
    const hint = `${named(failed)}, and what depends on it`;
    items.push({ label: "What failed", hint, action: () => restart("failed") });
  }
  const steps = workflow.steps.filter((step) => step.kind !== "plan");
  // The one that is looked at comes first.
  steps.sort((a, b) => Number(b.name === selected) - Number(a.name === selected));
  for (const step of steps) {
    items.push({
      label: `From ${shortName(step.name)}`,
      hint: step.kind === "subtask" ? step.title : undefined,
      action: () => restart({ name: step.name }),
    });
  }
  return items;
}

interface DeleteProps {
  id: string;
  workflow: Workflow;
  onClose: () => void;
  onError: (error: unknown) => void;
}

function DeleteQuestion({ id, workflow, onClose, onError }: DeleteProps) {
  const title = workflow.spec ? titleOf(workflow.spec.prompt) : id;
  const confirm = async () => {
    try {
      await remove(id);
      forget(id);
      go("/");
    } catch (failure) {
      onError(failure);
    }
  };
  return (
    <Confirm title="Delete this workflow?" action="Delete" keep="Keep it" onConfirm={confirm} onClose={onClose}>
      <p>
        “{title}” with its plan, answers and journal is removed from the server. Running calls are stopped. This can't
        be undone.
      </p>
    </Confirm>
  );
}
