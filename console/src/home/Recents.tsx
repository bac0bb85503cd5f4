import { ago } from "../lib/format";
import { forgetAll, recents } from "../lib/recents";
import { follow } from "../lib/router";
import { useStore } from "../lib/store";
import { StateIcon } from "../ui/icons";
import { STATUS_WORDS } from "../workflow/words";

/** The browser's own list; a listing by the server gets its place beside it. */
export function Recents() {
  const entries = useStore(recents);
  return (
    <section class="card recents" aria-labelledby="recents-title">
      <header class="card-head">
        <h2 id="recents-title">Recent in this browser</h2>
        {entries.length > 0 && (
          <button type="button" class="button quiet" onClick={forgetAll}>
            Clear list
          </button>
        )}
      </header>
      {entries.length === 0 ? (
        <p class="empty">Workflows that you start or open here are listed for you. The list stays in this browser.</p>
      ) : (
        <ul>
          {entries.map((entry) => (
            <li key={entry.id}>
              <a href={`/${entry.id}`} onClick={follow}>
                <StateIcon name={entry.status ?? "queued"} />
                <span class="recent-title">{entry.title}</span>
                <span class="muted">
                  {entry.status ? STATUS_WORDS[entry.status] : "Unknown"}, {ago(entry.at)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
