import { useTick } from "../lib/hooks";
import type { Connection } from "../net/feed";
import { wordsFor } from "../net/problem";
import { Notice } from "../ui/Notice";

/** A lost connection that is back within this time is nobody's business. */
const DISCREET_MS = 1200;

/** Since when the connection is lost, where it is long enough to be told. */
export const lostSince = (connection: Connection): number | null =>
  connection.kind === "waiting" && Date.now() - connection.since >= DISCREET_MS ? connection.since : null;

/** Floats, so that the page does not move. */
export function ConnectionNotice({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  useTick(connection.kind === "waiting", 250);
  if (connection.kind === "refused" && !connection.problem.isAuth) {
    const { title, detail } = wordsFor(connection.problem);
    return (
      <Notice tone="bad" title={title} alert>
        {detail}
      </Notice>
    );
  }
  if (connection.kind !== "waiting" || lostSince(connection) === null) return null;
  const told = connection.refusal?.kind ? connection.refusal.title : "Connection lost";
  const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
  return (
    <div class="toast" role="status">
      <span class="pulse" aria-hidden="true" />
      <span>
        {told}. <span aria-hidden="true">{seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again…"}</span>
      </span>
      <button type="button" class="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
