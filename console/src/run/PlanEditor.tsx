import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural } from "../lib/format";
import { useStore } from "../lib/store";
import { ApiProblem, wordsFor } from "../net/problem";
import { Glyph } from "../ui/icons";
import { ErrorNotice, Notice } from "../ui/Notice";
import type { Workflow } from "../workflow/state";
import { estimateWords } from "../workflow/words";
import { ContractFields } from "./ContractFields";
import { useControls } from "./control";
import {
  type Contract,
  changed,
  contractOf,
  draftTask,
  editOf,
  faultsOf,
  freeId,
  type PlanFault,
  placeOf,
  undone,
  withoutTask,
} from "./plan";
import { dropPlanDraft, planDraft } from "./planDrafts";
import { fieldOf, TaskFields } from "./TaskFields";

interface Props {
  id: string;
  workflow: Workflow;
  onApproved: () => void;
}

/** Approves the plan as it is, or as it was edited here. What is edited is kept wherever else one looks meanwhile. */
export function PlanEditor({ id, workflow, onApproved }: Props) {
  const store = planDraft(id, workflow);
  const draft = useStore(store);
  const { plan } = draft;
  const { tasks } = plan;
  const original = contractOf(workflow.plan);
  const edit = editOf(plan, original);
  const edited = Object.keys(edit).length > 0;
  const { busy, disabled, error, dismiss, act } = useControls("plan");
  const faults = faultsOf(plan, workflow.spec?.options.max_subtasks ?? 50, original);
  /** Where somebody has been: a field that was just added is no mistake. */
  const [left, setLeft] = useState<Set<string>>(new Set());
  const [tried, setTried] = useState(false);
  const refused = refusalAt(error, plan);
  const isShown = ({ id: of, field }: PlanFault) => tried || field === null || left.has(`${of} ${field}`);
  const shown = [...faults.filter(isShown), ...(refused ? [refused] : [])];
  const root = useRef<HTMLElement>(null);
  // The plan's text that streamed before has left the panel scrolled to its end.
  useLayoutEffect(() => root.current?.closest(".panel")?.scrollTo(0, 0), []);
  // What the server refused is brought into view, as what is found here.
  useLayoutEffect(() => {
    if (refused?.field) focusOn(fieldOf(refused.id, refused.field));
  }, [error]);

  const change = (next: Contract, of = "") => {
    dismiss();
    store.set(changed(draft, next, of));
  };
  const leave = (of: string | null, field: string) => setLeft(new Set(left).add(`${of} ${field}`));
  const add = () => {
    const fresh = freeId(tasks);
    change({ ...plan, tasks: [...tasks, draftTask({ id: fresh, title: "", instructions: "", depends_on: [] })] });
    // Once it is drawn.
    requestAnimationFrame(() => focusOn(fieldOf(fresh, "title")));
  };
  const approve = async () => {
    setTried(true);
    const [first] = faults;
    if (first) {
      if (first.field) focusOn(fieldOf(first.id, first.field));
      return;
    }
    if (!(await act("approve", edit))) return;
    dropPlanDraft(id, workflow);
    onApproved();
  };
  const paused = workflow.status !== "waiting";
  return (
    <section ref={root} class="plan-editor" aria-label="Plan to approve">
      <Notice tone="warn" title={paused ? "The run is paused before its approval" : "The plan waits for your approval"}>
        {paused
          ? "Go on editing if you like: it is kept. The plan can be approved once the run is resumed."
          : "Change what you like. Nothing runs before you approve."}
        {workflow.estimate && ` It takes ${estimateWords(workflow.estimate)}${edited ? " as it was proposed" : ""}.`}
      </Notice>
      {workflow.plan?.analysis && <p>{workflow.plan.analysis}</p>}
      <ContractFields
        {...{ plan }}
        faults={shown.filter((fault) => fault.id === null)}
        onChange={change}
        onLeave={(field) => leave(null, field)}
      />
      {tasks.map((task, at) => (
        <TaskFields
          key={task.id}
          task={task}
          others={tasks.filter((other) => other.id !== task.id).map((other) => other.id)}
          criteria={plan.criteria}
          faults={shown.filter((fault) => fault.id === task.id)}
          onChange={(part, of) =>
            change({ ...plan, tasks: tasks.map((old, i) => (i === at ? { ...old, ...part } : old)) }, of)
          }
          onLeave={(field) => leave(task.id, field)}
          onRemove={tasks.length > 1 ? () => change(withoutTask(plan, task.id)) : null}
        />
      ))}
      <button type="button" class="button" onClick={add}>
        <Glyph name="plus" size={14} /> Add a subtask
      </button>
      {error !== null && !refused && <ErrorNotice error={error} onClose={dismiss} />}
      <footer class="approve-bar">
        {paused ? (
          <button type="button" class="button primary" disabled={disabled} onClick={() => void act("resume")}>
            {busy ?? "Resume"}
          </button>
        ) : (
          <button type="button" class="button primary" disabled={disabled} onClick={approve}>
            {busy ??
              (edited
                ? `Approve the edited plan (${plural(tasks.length, "subtask")})`
                : `Approve ${plural(tasks.length, "subtask")}`)}
          </button>
        )}
        {draft.past.length > 0 && (
          <button type="button" class="button quiet" onClick={() => store.set(undone(draft))}>
            Undo
          </button>
        )}
        {edited && (
          <button type="button" class="button quiet" onClick={() => change(original)}>
            Back to the model's plan
          </button>
        )}
        <span class="fault" role="status">
          {shown.find((fault) => fault.field === null)?.text ??
            (tried && shown.length > 0 ? `${plural(shown.length, "thing")} to mend, marked above.` : "")}
        </span>
      </footer>
    </section>
  );
}

/** What the server refused, at its field. Null where it names none that the form has. */
function refusalAt(error: unknown, plan: Contract): PlanFault | null {
  if (!(error instanceof ApiProblem) || !error.field) return null;
  const place = placeOf(error.field, plan);
  return place && { ...place, text: `The server does not take this. ${wordsFor(error).detail}` };
}

function focusOn(id: string): void {
  const element = document.getElementById(id);
  element?.closest("details")?.setAttribute("open", "");
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}
