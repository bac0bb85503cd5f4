import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { addressOfPair, inOrder, submissionsOf, toss } from "../compare/comparison";
import { plural } from "../lib/format";
import { remember, titleOf } from "../lib/recents";
import { addressOf, follow, go } from "../lib/router";
import { useStore } from "../lib/store";
import { Workflows } from "../list/Workflows";
import { type Info, remove, submit, token } from "../net/api";
import { ApiProblem } from "../net/problem";
import { CopyButton } from "../ui/CopyButton";
import { Fault } from "../ui/Field";
import { Glyph } from "../ui/icons";
import { ErrorNotice } from "../ui/Notice";
import { type Faults, faultsOf, firstFault, optionFaults, refusedField } from "./check";
import { curlFor } from "./curl";
import { DemoBanner } from "./DemoBanner";
import { answersAsDemo } from "./demo";
import { aside, bringBack, canUndo, type Draft, draft, edit, optionsSet, replace, submissionOf } from "./draft";
import { EXAMPLES, toggleMarker } from "./examples";
import { fieldId, OptionFields } from "./OptionFields";

/** What a prompt that is sent takes with it. The options stay for the next one. */
const SENT = { prompt: "", followUpTo: null, tasks: null, terms: {}, metadata: null };

const ON_A_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);

export function Home({ info }: { info: Info | null }) {
  const current = useStore(draft);
  const { busy, error, faults, run } = useSubmission(current);
  const hasToken = useStore(token) !== null;
  const box = useRef<HTMLTextAreaElement>(null);
  const options = useRef<HTMLDetailsElement>(null);
  // Not where it would bring up a keyboard over half of the screen.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) box.current?.focus({ preventScroll: true });
  }, []);

  const attempt = async (how: How = "once") => {
    const wrong = firstFault(await run(how));
    if (!wrong) return;
    // A field that is not seen can't be mended.
    if (options.current && wrong !== "prompt") options.current.open = true;
    document.getElementById(fieldId(wrong))?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void attempt();
    }
    if (event.key === "z" && !event.shiftKey && event.target === box.current && canUndo()) {
      event.preventDefault();
      bringBack();
    }
  };
  const set = optionsSet(current);
  const wrong = optionFaults(faults);
  return (
    <main id="main" class="home">
      <div class="home-main">
        <h1>What should be done?</h1>
        <p class="lead">
          A big model answers what is simple by itself. What is larger it splits into subtasks, a small one works on
          them side by side, and the big one makes one answer of it.
        </p>
        <form
          class="card composer"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void attempt();
          }}
          onKeyDown={keys}
        >
          <label class="visually-hidden" for="prompt">
            Prompt
          </label>
          <textarea
            id="prompt"
            ref={box}
            rows={6}
            value={current.prompt}
            placeholder="Describe the whole task. Lists and words such as “then” or “based on” help the plan."
            onInput={(event) => edit({ prompt: event.currentTarget.value })}
            aria-describedby={faults.prompt ? "prompt-fault prompt-keys" : "prompt-keys"}
            aria-invalid={faults.prompt ? "true" : undefined}
          />
          {faults.prompt && <Fault id="prompt" text={faults.prompt} />}
          <Aside />
          <Examples onPick={() => box.current?.focus()} />
          <TakenOver draft={current} faults={faults} />
          <label class="check">
            <input
              type="checkbox"
              checked={current.approval}
              onChange={(event) => edit({ approval: event.currentTarget.checked })}
            />
            <span>Let me review and edit the plan before it runs</span>
          </label>
          <details class="fold" ref={options}>
            <summary>
              Options{set > 0 && <span class="badge">{set} set</span>}
              {wrong > 0 && <span class="badge bad">{wrong} to mend</span>}
            </summary>
            <OptionFields draft={current} info={info} faults={faults} />
          </details>
          <Curl draft={current} hasToken={hasToken} />
          {error !== null && <ErrorNotice error={error} />}
          <footer class="composer-foot">
            <button type="submit" class="button primary" disabled={busy}>
              <Glyph name="play" size={14} />
              {busy ? "Starting…" : "Run"}
            </button>
            <button
              type="button"
              class="button"
              disabled={busy}
              aria-describedby="compare-words"
              onClick={() => void attempt("compared")}
            >
              Compare
            </button>
            <span class="muted prompt-keys" id="prompt-keys">
              <kbd>{ON_A_MAC ? "⌘" : "Ctrl"}</kbd> <kbd>Enter</kbd> runs it
            </span>
          </footer>
          <p class="muted compare-words" id="compare-words">
            “Compare” runs it twice, by one call and as the big model chooses, and shows both answers without their
            names{current.approval ? "; no plan of it waits for approval" : ""}.
          </p>
        </form>
        {info && answersAsDemo(info) && (
          <DemoBanner
            pressed={(marker) => current.prompt.includes(marker)}
            onTrouble={(marker) => edit({ prompt: toggleMarker(current.prompt, marker) })}
          />
        )}
      </div>
      <Workflows />
    </main>
  );
}

/** `compared`: once by one call, and once as the big model chooses. */
type How = "once" | "compared";

/** Sends it, and gives the address of what comes of it. */
async function sent(current: Draft, how: How): Promise<string> {
  const kept = (id: string) => remember({ id, title: current.prompt, status: "queued", at: Date.now() });
  if (how === "once") {
    const id = await submit(submissionOf(current));
    kept(id);
    return `/${id}`;
  }
  const [direct, auto] = submissionsOf(current);
  const one = await submit(direct);
  try {
    const pair = inOrder([one, await submit(auto)], toss());
    for (const id of pair) kept(id);
    return addressOfPair(pair);
  } catch (failure) {
    // Half of a comparison is of no use, and costs.
    await remove(one).catch(() => kept(one));
    throw failure;
  }
}

/** Sending what is written. An error, and what the server refused of a field, goes when something is changed. */
function useSubmission(current: Draft) {
  const bearer = useStore(token);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [refused, setRefused] = useState<Faults>({});
  const [tried, setTried] = useState(false);
  const unsent = useRef<How | null>(null);
  const { prompt, ...others } = faultsOf(current);
  // An empty prompt is no mistake before somebody tries to run it.
  const shown = prompt && (tried || current.prompt.trim()) ? { prompt, ...others } : others;

  useEffect(() => {
    setError(null);
    setRefused({});
    setTried(false);
  }, [current]);

  /** What has to be mended first. */
  const run = async (how: How): Promise<Faults> => {
    if (busy) return {};
    const faults = faultsOf(how === "once" ? current : { ...current, mode: "direct" });
    setTried(true);
    setError(null);
    setRefused(how === "once" ? {} : faults);
    if (firstFault(faults)) return faults;
    setBusy(true);
    try {
      const address = await sent(current, how);
      // What was written on meanwhile is the next one.
      if (draft.get().prompt === current.prompt) edit(SENT);
      go(address);
      return {};
    } catch (failure) {
      unsent.current = failure instanceof ApiProblem && failure.isAuth ? how : null;
      const its = refusedField(failure) ?? {};
      setRefused(its);
      if (!unsent.current && !firstFault(its)) setError(failure);
      return its;
    } finally {
      setBusy(false);
    }
  };

  // What was refused for want of a token is sent again once there is one.
  useEffect(() => {
    const how = unsent.current;
    if (bearer === null || how === null) return;
    unsent.current = null;
    void run(how);
  }, [bearer]);

  return { busy, error, faults: { ...shown, ...refused }, run };
}

function Examples({ onPick }: { onPick: () => void }) {
  return (
    <div class="chips examples" role="group" aria-label="Examples">
      <span class="muted" aria-hidden="true">
        Examples
      </span>
      {EXAMPLES.map((example) => (
        <button
          key={example.label}
          type="button"
          class="chip"
          onClick={() => {
            replace({ prompt: example.prompt, tasks: null, terms: {} });
            onPick();
          }}
        >
          {example.label}
        </button>
      ))}
    </div>
  );
}

/** What something else took the place of. */
function Aside() {
  const last = useStore(aside).at(-1);
  return (
    <p class={last ? "set-aside" : "visually-hidden"} role="status">
      {last && (
        <>
          <span class="muted">
            What was written here before is kept: “{last.prompt.trim() ? titleOf(last.prompt) : "only options"}”.
          </span>{" "}
          <button type="button" class="button quiet tiny" onClick={bringBack}>
            Bring it back
          </button>
        </>
      )}
    </p>
  );
}

/** What a workflow had that the page has no fields for. */
function TakenOver({ draft, faults }: { draft: Draft; faults: Faults }) {
  const metadata = Object.entries(draft.metadata ?? {}).map(([name, value]) => `${name}: ${value}`);
  const lines: ["followUpTo" | "tasks" | "metadata", ComponentChildren][] = [];
  const { followUpTo } = draft;
  if (followUpTo)
    lines.push([
      "followUpTo",
      <>
        Goes on with the answer of{" "}
        <a href={addressOf(followUpTo)} onClick={follow}>
          {followUpTo}
        </a>
        .
      </>,
    ]);
  if (draft.tasks) lines.push(["tasks", `With ${plural(draft.tasks.length, "given subtask")}: no plan is made.`]);
  if (metadata.length > 0) lines.push(["metadata", `With ${metadata.join(", ")}.`]);
  return (
    <>
      {lines.map(([name, words]) => (
        <div key={name} class="taken-over">
          <span class="muted">{words}</span>{" "}
          <button
            type="button"
            id={fieldId(name)}
            class="button quiet tiny"
            aria-describedby={faults[name] ? `${fieldId(name)}-fault` : undefined}
            onClick={() => replace(name === "tasks" ? { tasks: null, terms: {} } : { [name]: null })}
          >
            {name === "tasks" ? "Make a plan instead" : "Leave it out"}
          </button>
          {faults[name] && <Fault id={fieldId(name)} text={faults[name] ?? ""} />}
        </div>
      ))}
    </>
  );
}

function Curl({ draft, hasToken }: { draft: Draft; hasToken: boolean }) {
  const submission = submissionOf({ ...draft, prompt: draft.prompt || "Your prompt" });
  const curl = curlFor(location.origin, submission, hasToken);
  return (
    <details class="fold">
      <summary>The same with curl</summary>
      <div class="code-frame">
        <pre tabIndex={0}>
          <code>{curl}</code>
        </pre>
        <CopyButton text={() => curl} label="Copy curl" />
      </div>
    </details>
  );
}
