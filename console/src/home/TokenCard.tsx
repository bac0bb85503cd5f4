import { useEffect, useRef, useState } from "preact/hooks";
import { isKept, setToken, token } from "../net/api";
import { type ApiProblem, wordsFor } from "../net/problem";
import { Field } from "../ui/Field";
import { Glyph } from "../ui/icons";

/** Asks for the token when the server wants one. */
export function TokenCard({ problem, onClose }: { problem: ApiProblem | null; onClose?: () => void }) {
  const [value, setValue] = useState("");
  const [keep, setKeep] = useState(isKept());
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  // Not from somebody who is writing: the rest of a prompt would be taken for a token.
  useEffect(() => {
    if (!document.activeElement?.matches("textarea, input")) field.current?.focus();
  }, []);
  const had = token.get() !== null;
  return (
    <section class="card token-card" aria-labelledby="token-title">
      <h2 id="token-title">
        <Glyph name="key" /> {title(problem, had)}
      </h2>
      {problem && <p role="alert">{advice(problem, had)}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setEmpty(!value.trim());
          if (!value.trim()) {
            field.current?.focus();
            return;
          }
          setToken(value.trim(), keep);
          setValue("");
          onClose?.();
        }}
      >
        <Field id="token" label="Token" fault={empty && !value.trim() ? "Paste the token first." : null}>
          {(attributes) => (
            <input
              {...attributes}
              ref={field}
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={value}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          )}
        </Field>
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
        <label class="check keep">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          <span>Keep on this device</span>
        </label>
      </form>
      <p class="muted">
        {keep
          ? "It is kept in this browser until you forget it, for all tabs: not for a device that others use."
          : "It is kept until this tab is closed."}{" "}
        It is sent to this server only.
        {had && ` The present one is kept ${isKept() ? "on this device" : "for this tab"}.`}
      </p>
    </section>
  );
}

/** In the words of a page: the server's own are for programs that send headers. */
function advice(problem: ApiProblem, had: boolean): string {
  if (problem.kind !== "invalid-token") return wordsFor(problem).detail || wordsFor(problem).title;
  return had
    ? "Check that it is whole, and that it belongs to this deployment. Its owner may have replaced it."
    : "Paste one that its owner gave you. Owners set them in API_TOKENS.";
}

function title(problem: ApiProblem | null, had: boolean): string {
  if (problem?.kind === "auth-not-configured") return "This deployment has no tokens yet";
  if (!problem) return "Access token";
  return had ? "The token was not accepted" : "This deployment asks for a token";
}
