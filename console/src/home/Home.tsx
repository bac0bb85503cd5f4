import { useEffect, useRef, useState } from "preact/hooks";
import { remember } from "../lib/recents";
import { go } from "../lib/router";
import { useStore } from "../lib/store";
import { type Info, submit, token } from "../net/api";
import { ApiProblem } from "../net/problem";
import { CopyButton } from "../ui/CopyButton";
import { Glyph } from "../ui/icons";
import { ErrorNotice } from "../ui/Notice";
import { curlFor } from "./curl";
import { DemoBanner } from "./DemoBanner";
import { draft, edit, submissionOf } from "./draft";
import { EXAMPLES, toggleMarker } from "./examples";
import { OptionFields } from "./OptionFields";
import { Recents } from "./Recents";

const ON_A_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);

export function Home({ info }: { info: Info | null }) {
  const current = useStore(draft);
  const bearer = useStore(token);
  const hasToken = bearer !== null;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const unsent = useRef(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const ready = current.prompt.trim() !== "" && !busy;

  const run = async () => {
    if (!current.prompt.trim() || busy) return;
    setBusy(true);
    setError(null);
    try {
      const id = await submit(submissionOf(current));
      remember({ id, title: current.prompt, status: "queued", at: Date.now() });
      edit({ prompt: "" });
      go(`/${id}`);
    } catch (failure) {
      unsent.current = failure instanceof ApiProblem && failure.isAuth;
      if (!unsent.current) setError(failure);
    } finally {
      setBusy(false);
    }
  };

  // Not where it would bring up a keyboard over half of the screen.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) box.current?.focus({ preventScroll: true });
  }, []);

  // What was refused for want of a token is sent again once there is one.
  useEffect(() => {
    if (bearer === null || !unsent.current) return;
    unsent.current = false;
    void run();
  }, [bearer]);

  const submission = submissionOf({ ...current, prompt: current.prompt || "Your prompt" });
  const curl = curlFor(location.origin, submission, hasToken);
  const changed = Object.keys(submission.options ?? {}).length;
  return (
    <main id="main" class="home">
      <div class="home-main">
        <h1>What should be done?</h1>
        <p class="lead">
          A big model splits the prompt into subtasks, a small one works on them side by side, and the big one writes
          one answer.
        </p>
        <form
          class="card composer"
          onSubmit={(event) => {
            event.preventDefault();
            void run();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              void run();
            }
          }}
        >
          <label class="visually-hidden" for="prompt">
            Prompt
          </label>
          <textarea
            id="prompt"
            ref={box}
            rows={8}
            value={current.prompt}
            placeholder="Describe the whole task. Lists and words such as “then” or “based on” help the plan."
            onInput={(event) => edit({ prompt: event.currentTarget.value })}
            aria-describedby="prompt-keys"
          />
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
                  edit({ prompt: example.prompt });
                  box.current?.focus();
                }}
              >
                {example.label}
              </button>
            ))}
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={current.approval}
              onChange={(event) => edit({ approval: event.currentTarget.checked })}
            />
            <span>Let me review and edit the plan before it runs</span>
          </label>
          <details class="fold">
            <summary>Options{changed > 0 && <span class="badge">{changed} set</span>}</summary>
            <OptionFields draft={current} info={info} />
          </details>
          <details class="fold">
            <summary>The same with curl</summary>
            <div class="code-frame">
              <pre tabIndex={0}>
                <code>{curl}</code>
              </pre>
              <CopyButton text={() => curl} label="Copy curl" />
            </div>
          </details>
          {error !== null && <ErrorNotice error={error} />}
          <footer class="composer-foot">
            <button type="submit" class="button primary" disabled={!ready}>
              <Glyph name="play" size={14} />
              {busy ? "Starting…" : "Run"}
            </button>
            <span class="muted prompt-keys" id="prompt-keys">
              <kbd>{ON_A_MAC ? "⌘" : "Ctrl"}</kbd> <kbd>Enter</kbd> runs it
            </span>
          </footer>
        </form>
        {info?.provider === "demo" && (
          <DemoBanner
            pressed={(marker) => current.prompt.includes(marker)}
            onTrouble={(marker) => edit({ prompt: toggleMarker(current.prompt, marker) })}
          />
        )}
      </div>
      <aside class="home-side">
        <Recents />
      </aside>
    </main>
  );
}
