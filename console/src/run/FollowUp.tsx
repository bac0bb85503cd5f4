import { useState } from "preact/hooks";
import { PROMPT_BYTES_MAX } from "../home/check";
import { remember } from "../lib/recents";
import { go } from "../lib/router";
import { useStore } from "../lib/store";
import { tooLong, writtenText } from "../lib/texts";
import { type Info, submit } from "../net/api";
import { ApiProblem } from "../net/problem";
import { Field } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import type { Spec } from "../workflow/events";
import { followUpOf, SHORTER } from "./followUps";

interface Props extends ReturnType<typeof useFollowUp> {
  id: string;
  /** The answer was asked for as JSON too. */
  hasSchema: boolean;
}

/** Below a finished answer: the next request of the conversation. */
export function FollowUp({ id, hasSchema, busy, error, send, dismiss }: Props) {
  const written = writtenText(`follow-up ${id}`);
  const text = useStore(written);
  const [asJson, setAsJson] = useState(true);
  const fault = tooLong(text, PROMPT_BYTES_MAX);
  const isEmpty = text.trim() === "";
  const goOn = async () => {
    if (isEmpty || fault) return;
    if (await send(text, asJson)) written.set("");
  };
  return (
    <form
      class="follow-up"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void goOn();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void goOn();
      }}
    >
      <Field id="follow-up" label="Go on with this answer" fault={fault}>
        {(attributes) => (
          <textarea
            {...attributes}
            rows={2}
            value={text}
            placeholder="Ask further, or say what should be different."
            onInput={(event) => written.set(event.currentTarget.value)}
          />
        )}
      </Field>
      {hasSchema && (
        <label class="check">
          <input type="checkbox" checked={asJson} onChange={(event) => setAsJson(event.currentTarget.checked)} />
          <span>Also as JSON that fits the same schema</span>
        </label>
      )}
      {error !== null && <ErrorNotice error={error} onClose={dismiss} />}
      <div class="chips">
        <button type="submit" class="button primary" disabled={busy || isEmpty || fault !== null}>
          {busy ? "Starting…" : "Go on"}
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => void send(SHORTER, asJson)}>
          Shorter
        </button>
        <span class="muted">A new workflow, with the same options and the conversation so far.</span>
      </div>
    </form>
  );
}

/** Sends a request that goes on with this workflow, and leads to its page. */
export function useFollowUp(spec: Spec | null, info: Info | null) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  /** Whether it was sent. */
  const send = async (prompt: string, asJson: boolean): Promise<boolean> => {
    if (!spec || busy) return false;
    setBusy(true);
    setError(null);
    try {
      const id = await submit(followUpOf(spec, info, prompt, asJson));
      remember({ id, title: prompt, status: "queued", at: Date.now() });
      go(`/${id}`);
      return true;
    } catch (failure) {
      // Where a token is wanted the page asks for it.
      if (!(failure instanceof ApiProblem && failure.isAuth)) setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send, dismiss: () => setError(null) };
}
