import { useState } from "preact/hooks";
import { forget, recents } from "../lib/recents";
import { go } from "../lib/router";
import { type ControlName, control, remove } from "../net/api";
import { Dialog } from "../ui/Dialog";
import { Menu, type MenuItem } from "../ui/Menu";
import { ErrorNotice } from "../ui/Notice";
import { shortName, type Workflow } from "../workflow/state";

interface Props {
  id: string;
  workflow: Workflow;
  /** The step that the side panel shows. */
  selected: string | null;
  onAgain: () => void;
  onPick: (name: string) => void;
}

export function Controls({ id, workflow, selected, onAgain, onPick }: Props) {
  const [busy, setBusy] = useState<ControlName | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [deleting, setDeleting] = useState(false);
  const ask = async (name: ControlName, body?: unknown) => {
    setBusy(name);
    setError(null);
    try {
      await control(id, name, body);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(null);
    }
  };
  const { status } = workflow;
  const button = (name: ControlName, label: string, extra = "") => (
    <button type="button" class={`button ${extra}`} disabled={busy !== null} onClick={() => ask(name)}>
      {busy === name ? `${label}…` : label}
    </button>
  );
  return (
    <>
      <div class="controls" role="group" aria-label="Controls">
        {status === "waiting" && (
          <button type="button" class="button primary" onClick={() => onPick("plan")}>
            Review the plan
          </button>
        )}
        {(status === "queued" || status === "running" || status === "waiting") && button("pause", "Pause")}
        {(status === "paused" || status === "waitingForPause") && button("resume", "Resume", "primary")}
        {status !== "complete" && status !== "errored" && status !== "terminated" && button("terminate", "Terminate")}
        <Menu label="Restart" items={restarts(workflow, selected, (body) => ask("restart", body))} />
        <Menu
          label="More"
          items={[
            { label: "New workflow from this prompt", action: onAgain },
            { label: "Delete…", hint: "with all of its data", danger: true, action: () => setDeleting(true) },
          ]}
        />
      </div>
      {error !== null && <ErrorNotice error={error} />}
      {deleting && <DeleteDialog id={id} onClose={() => setDeleting(false)} onError={setError} />}
    </>
  );
}

function restarts(workflow: Workflow, selected: string | null, restart: (body: unknown) => void): MenuItem[] {
  const items: MenuItem[] = [{ label: "Everything", hint: "plan anew", action: () => restart({}) }];
  const failed = workflow.steps.filter((step) => step.state === "errored" || step.state === "skipped");
  if (failed.length > 0) {
    items.push({
      label: "What failed",
      hint: `${failed.map((step) => shortName(step.name)).join(", ")}, and what depends on it`,
      action: () => restart({ from: "failed" }),
    });
  }
  const steps = workflow.steps.filter((step) => step.kind !== "plan");
  // The one that is looked at comes first.
  steps.sort((a, b) => Number(b.name === selected) - Number(a.name === selected));
  for (const step of steps) {
    items.push({
      label: `From ${shortName(step.name)}`,
      hint: step.kind === "subtask" ? step.title : undefined,
      action: () => restart({ from: { name: step.name } }),
    });
  }
  return items;
}

function DeleteDialog({
  id,
  onClose,
  onError,
}: {
  id: string;
  onClose: () => void;
  onError: (error: unknown) => void;
}) {
  const title = recents.get().find((entry) => entry.id === id)?.title ?? id;
  const confirm = async () => {
    onClose();
    try {
      await remove(id);
      forget(id);
      go("/");
    } catch (failure) {
      onError(failure);
    }
  };
  return (
    <Dialog title="Delete this workflow?" onClose={onClose}>
      <p>
        “{title}” with its plan, answers and journal is removed from the server. Running calls are stopped. This can't
        be undone.
      </p>
      <p class="actions">
        <button type="button" class="button danger" onClick={confirm}>
          Delete
        </button>
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
      </p>
    </Dialog>
  );
}
