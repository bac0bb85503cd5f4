import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { plural } from "../lib/format";
import { titleOf } from "../lib/recents";
import { control, remove } from "../net/api";
import { ApiProblem, wordsFor } from "../net/problem";
import { Confirm } from "../ui/Confirm";
import { Notice } from "../ui/Notice";
import { actOnAll, type BulkName, type Failed, named, partsOf } from "./actions";
import { canTerminate, type Entry } from "./entries";
import type { Listing } from "./listing";

/** The server's list is told after the fact. */
const TOLD_MS = 400;
const SAID_MS = 6000;

const WORDS = {
  terminate: { doing: "Terminating", done: "terminated" },
  delete: { doing: "Deleting", done: "deleted" },
} as const;

interface Asked {
  name: BulkName;
  entries: Entry[];
}

interface Outcome {
  name: BulkName;
  all: number;
  failed: Failed[];
}

/** The two actions on several workflows: the question before, the progress, and what came of it. */
export function useBulk(list: Listing, heading: RefObject<HTMLElement | null>) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [doing, setDoing] = useState<{ name: BulkName; done: number; all: number } | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const run = async ({ name, entries }: Asked, withFollowUps: boolean) => {
    const ids = partsOf(name, entries).done.map(({ id }) => id);
    setOutcome(null);
    setDoing({ name, done: 0, all: ids.length });
    const act = name === "terminate" ? (id: string) => control(id, name) : (id: string) => removeOne(id, withFollowUps);
    const failed = await actOnAll(ids, act, (done) => setDoing({ name, done, all: ids.length }));
    setDoing(null);
    const came = { name, all: ids.length, failed };
    setOutcome(came);
    // Failures stay until they are read.
    if (failed.length === 0) setTimeout(() => setOutcome((now) => (now === came ? null : now)), SAID_MS);
    if (name === "delete") list.drop(ids.filter((id) => !failed.some((failure) => failure.id === id)));
    setTimeout(() => {
      list.look();
      // The button that was pressed is disabled now.
      if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    }, TOLD_MS);
  };
  return {
    ask: (name: BulkName, entries: Entry[]) => setAsked({ name, entries }),
    busy: doing !== null,
    /** What is being done, or was done. */
    words: doing
      ? `${WORDS[doing.name].doing} ${doing.done} of ${doing.all}…`
      : outcome && `${outcome.all - outcome.failed.length} of ${outcome.all} ${WORDS[outcome.name].done}.`,
    report: outcome && outcome.failed.length > 0 && <Report outcome={outcome} onClose={() => setOutcome(null)} />,
    question: asked && (
      <Question
        asked={asked}
        onClose={() => setAsked(null)}
        onConfirm={(withFollowUps) => void run(asked, withFollowUps)}
      />
    ),
  };
}

/** Who deletes one that is gone already, as a follow-up of another one, has what was wanted. */
async function removeOne(id: string, withFollowUps: boolean): Promise<void> {
  try {
    await remove(id, withFollowUps);
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 404)) throw error;
  }
}

interface BarProps {
  bulk: ReturnType<typeof useBulk>;
  chosen: Entry[];
  shown: number;
  onAll: () => void;
}

/** Above the rows: selects all of them, and says what can be done with those that are selected. */
export function Bulk({ bulk, chosen, shown, onAll }: BarProps) {
  const isNone = chosen.length === 0 || bulk.busy;
  return (
    <div class="bulk" role="group" aria-label="Several workflows">
      <label class="check">
        <input
          type="checkbox"
          disabled={shown === 0}
          checked={shown > 0 && chosen.length === shown}
          indeterminate={chosen.length > 0 && chosen.length < shown}
          onClick={onAll}
        />
        <span>{chosen.length === 0 ? "Select all shown" : `${chosen.length} selected`}</span>
      </label>
      <span class="muted doing" role="status">
        {bulk.words}
      </span>
      <span class="spring" />
      <button
        type="button"
        class="button tiny"
        disabled={isNone || !chosen.some(canTerminate)}
        onClick={() => bulk.ask("terminate", chosen)}
      >
        Terminate…
      </button>
      <button type="button" class="button tiny" disabled={isNone} onClick={() => bulk.ask("delete", chosen)}>
        Delete…
      </button>
    </div>
  );
}

interface QuestionProps {
  asked: Asked;
  onClose: () => void;
  onConfirm: (withFollowUps: boolean) => void;
}

function Question({ asked: { name, entries }, onClose, onConfirm }: QuestionProps) {
  const [withFollowUps, setWithFollowUps] = useState(false);
  const { done, left } = partsOf(name, entries);
  const titles = (some: Entry[]) => named(some.map(({ prompt }) => titleOf(prompt)));
  const children = entries.reduce((sum, entry) => sum + entry.children, 0);
  const count = plural(done.length, "workflow");
  const both = { onClose, onConfirm: () => onConfirm(withFollowUps) };
  if (name === "terminate")
    return (
      <Confirm {...both} title={`Terminate ${count}?`} action={`Terminate ${done.length}`} keep="Let them run">
        <p>{titles(done)}</p>
        <p>Calls in flight are stopped, and what they have written is lost. The answers that are complete are kept.</p>
        {left.length > 0 && (
          <p>
            {left.length} of the selected can't be terminated, because {left.length === 1 ? "it has" : "they have"}{" "}
            ended: {titles(left)}.
          </p>
        )}
      </Confirm>
    );
  return (
    <Confirm {...both} title={`Delete ${count}?`} action={`Delete ${done.length}`} keep="Keep them">
      <p>{titles(done)}</p>
      <p>Plans, answers and journals are removed from the server. Running calls are stopped. This can't be undone.</p>
      {children > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={withFollowUps}
            onChange={(event) => setWithFollowUps(event.currentTarget.checked)}
          />
          <span>With their follow-ups ({children}, and the follow-ups of those)</span>
        </label>
      )}
    </Confirm>
  );
}

/** Each failure by its id. */
function Report({ outcome: { name, all, failed }, onClose }: { outcome: Outcome; onClose: () => void }) {
  const title = `${failed.length} of ${all} could not be ${WORDS[name].done}`;
  return (
    <Notice tone="bad" title={title} alert onClose={onClose}>
      <ul>
        {failed.map(({ id, error }) => {
          const { title: what, detail } = wordsFor(error);
          return (
            <li key={id}>
              <code>{id}</code>: {detail || what}
            </li>
          );
        })}
      </ul>
    </Notice>
  );
}
