import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../lib/format";
import type { Counts } from "./entries";
import { countOf, TABS, type Tab } from "./filter";

const SEARCH_MS = 250;
const Q_CHARS_MAX = 200;

/** One button a group of statuses, with how many there are. */
export function Tabs({ tab, counts, onTab }: { tab: Tab; counts: Counts; onTab: (tab: Tab) => void }) {
  return (
    <div class="status-tabs" role="group" aria-label="Status">
      {TABS.map(([name, label]) => (
        <button key={name} type="button" aria-pressed={name === tab} onClick={() => onTab(name)}>
          {label} <span class="muted">{count(countOf(name, counts))}</span>
        </button>
      ))}
    </div>
  );
}

/** Searches once nothing was typed for a moment. */
export function Search({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const searched = useRef(q);
  // By the back button, or a link. What is typed on meanwhile stays.
  useEffect(() => {
    if (q !== searched.current) setText(q);
    searched.current = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  const search = (value: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      searched.current = value.trim();
      latest.current(value);
    }, SEARCH_MS);
  };
  return (
    <input
      type="search"
      class="search"
      aria-label="Search workflows"
      placeholder="Search workflows"
      maxLength={Q_CHARS_MAX}
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
    />
  );
}
