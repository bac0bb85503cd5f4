import { useEffect, useRef, useState } from "preact/hooks";
import { setToken, token } from "../net/api";
import { type ApiProblem, wordsFor } from "../net/problem";
import { Glyph } from "../ui/icons";

/** Asks for the token when the server wants one. */
export function TokenCard({ problem, onClose }: { problem: ApiProblem | null; onClose?: () => void }) {
  const [value, setValue] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const had = token.get() !== null;
  return (
    <section class="card token-card" aria-labelledby="token-title">
      <h2 id="token-title">
        <Glyph name="key" /> {title(problem, had)}
      </h2>
      {problem && <p role="alert">{wordsFor(problem).detail || wordsFor(problem).title}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (value.trim()) setToken(value.trim());
          setValue("");
          onClose?.();
        }}
      >
        <label class="field">
          <span>Token</span>
          <input
            ref={field}
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary">
          Use it
        </button>
        {had && (
          <button
            type="button"
            class="button"
            onClick={() => {
              setToken(null);
              onClose?.();
            }}
          >
            Forget the token
          </button>
        )}
        {onClose && (
          <button type="button" class="button quiet" onClick={onClose}>
            Close
          </button>
        )}
      </form>
      <p class="muted">It is kept until this tab is closed, and sent to this server only.</p>
    </section>
  );
}

function title(problem: ApiProblem | null, had: boolean): string {
  if (problem?.kind === "auth-not-configured") return "This deployment has no tokens yet";
  if (!problem) return "Access token";
  return had ? "The token was not accepted" : "This deployment asks for a token";
}
