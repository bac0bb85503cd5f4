import { useEffect, useState } from "preact/hooks";
import { ago } from "../lib/format";
import { forgetAll, type Listed, recall, recents } from "../lib/recents";
import { addressOf, follow } from "../lib/router";
import { useStore } from "../lib/store";
import { heal, isStale } from "../net/heal";
import { StateIcon } from "../ui/icons";
import { statusWord } from "../workflow/outcome";

/** Ever less often, the last one for good: what waits for a person may do so for days. */
const HEAL_MS = [4000, 4000, 8000, 15_000, 30_000, 60_000];

/** The browser's own list, in place of the server's. `why`: that there is none, and why. */
export function Recents({ why }: { why: string }) {
  const entries = useStore(recents);
  const [cleared, setCleared] = useState<Listed[]>([]);
  useHealing(entries.some(isStale));
  return (
    <section class="card recents" aria-labelledby="recents-title">
      <header class="card-head">
        <h2 id="recents-title">Recent in this browser</h2>
        {entries.length > 0 && (
          <button type="button" class="button quiet" onClick={() => setCleared(forgetAll())}>
            Clear list
          </button>
        )}
        {entries.length === 0 && cleared.length > 0 && (
          <button
            type="button"
            class="button quiet"
            ref={(button) => button?.focus()}
            onClick={() => {
              recall(cleared);
              setCleared([]);
            }}
          >
            Undo
          </button>
        )}
      </header>
      <p class="why muted">{why}</p>
      {entries.length === 0 ? (
        <p class="empty">Workflows that you start or open here are listed for you. The list stays in this browser.</p>
      ) : (
        <ul>
          {entries.map((entry) => (
            <li key={entry.id}>
              <a href={addressOf(entry.id)} onClick={follow}>
                <StateIcon name={entry.gone ? "skipped" : entry.gaps != null ? "warn" : (entry.status ?? "queued")} />
                <span class="recent-title">{entry.title}</span>
                <span class="muted">
                  {wordOf(entry)}, {ago(entry.at)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function wordOf({ status, gaps, gone }: Listed): string {
  if (gone) return "Not there any more";
  return status ? statusWord(status, gaps) : "Unknown";
}

/** Asks the server about what was running when it was last looked at, while somebody looks at the list. */
function useHealing(stale: boolean): void {
  useEffect(() => {
    if (!stale) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (asked: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(asked + 1), HEAL_MS[Math.min(asked, HEAL_MS.length - 1)]);
      if (document.visibilityState === "visible") void heal();
    };
    const looked = () => document.visibilityState === "visible" && ask(0);
    ask(0);
    document.addEventListener("visibilitychange", looked);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", looked);
    };
  }, [stale]);
}
