import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Recents } from "../home/Recents";
import { plural } from "../lib/format";
import { useTick } from "../lib/hooks";
import { forget, recents, serverLists } from "../lib/recents";
import { addressOf, follow, followWithin, place, select } from "../lib/router";
import { useStore } from "../lib/store";
import { lineage, token, workflows } from "../net/api";
import { ApiProblem, wordsFor } from "../net/problem";
import { ErrorNotice } from "../ui/Notice";
import { Bulk, useBulk } from "./Bulk";
import { totalOf } from "./entries";
import { Search, Tabs } from "./Filters";
import { addressOfFilter, EVERYTHING, type Filter, filterOf, fragmentOf, isSame } from "./filter";
import { useKeptFocus } from "./focus";
import { type Listed, Listing } from "./listing";
import { allToggled, NONE, toggled, within } from "./picked";
import { Row } from "./Row";

/** How often the ages are told anew. */
const AGE_MS = 20_000;

/** Kept while other pages are shown, so that the list is there at once when it is come back to. */
let kept: { bearer: string | null; list: Listing } | null = null;

/** Another token may be another tenant's. */
function listingFor(bearer: string | null): Listing {
  if (kept === null || kept.bearer !== bearer) kept = { bearer, list: new Listing(workflows) };
  return kept.list;
}

/** The workflows of whoever looks: on the start page, below the prompt. */
export function Workflows() {
  const list = listingFor(useStore(token));
  const filter = filterOf(useStore(place).fragment);
  const listed = useStore(list.state);
  const { kind, error } = listed;
  useEffect(() => list.open(filter), [list, fragmentOf(filter)]);
  useEffect(() => {
    const seen = () => list.look();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      list.stop();
    };
  }, [list]);
  useEffect(() => {
    if (kind === "listed" || kind === "unavailable") serverLists(kind === "listed");
    if (kind === "listed") void handOver();
  }, [kind]);
  if (kind === "unavailable") return <Recents why={whyNot(error)} />;
  return <List {...{ list, listed, filter }} />;
}

/**
 * A workflow of an older version is in the server's list once it is read. So each that this browser knows is, before it
 * is forgotten here; what nobody can tell of is kept for another time.
 */
async function handOver(): Promise<void> {
  for (const { id } of recents.get()) if ((await lineage(id)) !== null) forget(id);
}

/** A server that has a list says why it can't be had. An older one knows of none. */
function whyNot(error: unknown): string {
  const isOlder = !(error instanceof ApiProblem) || error.status !== 503;
  const { title, detail } = wordsFor(error);
  return isOlder ? "This server has no list of all workflows." : detail || title;
}

function List({ list, listed, filter }: { list: Listing; listed: Listed; filter: Filter }) {
  const { kind, entries, counts, error, reading, next } = listed;
  const ids = useMemo(() => entries.map(({ id }) => id), [entries]);
  const [wanted, setPicked] = useState(NONE);
  const picked = within(wanted, ids);
  const heading = useRef<HTMLHeadingElement>(null);
  const bulk = useBulk(list, heading);
  const rows = useKeptFocus(ids, heading);
  useTick(entries.length > 0, AGE_MS);
  const chosen = entries.filter(({ id }) => picked.ids.has(id));
  const show = (changed: Partial<Filter>, by?: "page") => select(fragmentOf({ ...filter, ...changed }), by);
  return (
    <section class="card workflows" aria-labelledby="workflows-title">
      <header class="card-head">
        <h2 id="workflows-title" ref={heading} tabIndex={-1}>
          Workflows
        </h2>
        <span class="spring" />
        <Search q={filter.q} onSearch={(q) => show({ q }, "page")} />
      </header>
      {counts && <Tabs tab={filter.tab} counts={counts} onTab={(tab) => show({ tab })} />}
      {filter.parent !== null && (
        <p class="parent-filter">
          <span>
            Only the follow-ups of{" "}
            <a href={addressOf(filter.parent)} onClick={follow}>
              {filter.parent}
            </a>
            .
          </span>
          <button type="button" class="button quiet tiny" onClick={() => show({ parent: null })}>
            Show all
          </button>
        </p>
      )}
      {kind === "loading" && <div class="skeleton" role="status" aria-label="The workflows are being read" />}
      {kind === "closed" && <p class="empty">The workflows are listed here once there is a token.</p>}
      {kind === "failed" && (
        <div class="entries-failed">
          <ErrorNotice error={error} />
          <button type="button" class="button" disabled={reading} onClick={() => list.retry()}>
            Try again
          </button>
        </div>
      )}
      {kind === "listed" && (
        <>
          <Bulk bulk={bulk} chosen={chosen} shown={entries.length} onAll={() => setPicked(allToggled(picked, ids))} />
          {bulk.report}
          <ul class="entries" ref={rows} aria-label="Workflows" aria-busy={reading}>
            {entries.map((entry) => (
              <Row
                key={entry.id}
                entry={entry}
                picked={picked.ids.has(entry.id)}
                onPick={(isRange) => setPicked(toggled(picked, entry.id, ids, isRange))}
                onAsk={bulk.ask}
              />
            ))}
          </ul>
          {entries.length === 0 && <Nothing {...{ listed, filter }} />}
          {(next !== null || error !== null) && (
            <footer class="entries-foot">
              {next !== null && (
                <button type="button" class="button" disabled={reading} onClick={() => list.more()}>
                  {reading ? "Loading…" : entries.length === 0 ? "Look further" : "Load more"}
                </button>
              )}
              {error !== null && <span class="muted">It could not be brought up to date, and is tried again.</span>}
            </footer>
          )}
        </>
      )}
      <p class="visually-hidden" role="status">
        {kind === "listed" && !reading && shownWords(listed)}
      </p>
      {bulk.question}
    </section>
  );
}

/** Why no entry is shown. */
function Nothing({ listed: { counts, next, reading }, filter }: { listed: Listed; filter: Filter }) {
  if (next !== null || reading) return <p class="empty">{reading ? "Looking…" : "None was found so far."}</p>;
  if (isSame(filter, EVERYTHING) || (counts && totalOf(counts) === 0))
    return <p class="empty">There are no workflows yet. What is run is listed here.</p>;
  return (
    <p class="empty">
      No workflow matches.{" "}
      <a href={addressOfFilter(EVERYTHING)} onClick={followWithin}>
        Show all
      </a>
    </p>
  );
}

/** For a screen reader, which hears it when it changes. */
const shownWords = ({ entries, next }: Listed): string =>
  `${plural(entries.length, "workflow")} shown${next === null ? "" : ", more can be loaded"}`;
