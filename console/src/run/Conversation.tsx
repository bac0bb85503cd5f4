import { useEffect, useState } from "preact/hooks";
import { plural } from "../lib/format";
import { addressOf, follow } from "../lib/router";
import { Markdown } from "../markdown/Markdown";
import { lineage } from "../net/api";
import type { Exchange, Parent, Spec } from "../workflow/events";

/** So many exchanges are in view, and the earlier ones behind a fold. */
const SHOWN_MAX = 3;
/** So many workflows are asked whether they are still there. */
const ASKED_MAX = 12;

interface Origin {
  id: string;
  /** Null while nobody has answered, or nobody can tell. */
  isThere: boolean | null;
  /** It has run again since its answer was taken. */
  isOther: boolean;
}

/** The earlier requests and answers, as they were sent along, above what goes on with them. */
export function Conversation({ spec }: { spec: Spec }) {
  const { history = [], parent } = spec;
  const origins = useOrigins(parent, history.length);
  if (!parent && history.length === 0) return null;
  const items = history.map((exchange, index) => (
    <Said key={index} exchange={exchange} origin={origins[history.length - 1 - index]} />
  ));
  const early = items.slice(0, Math.max(0, items.length - SHOWN_MAX));
  const leftOut = parent?.left_out ?? 0;
  return (
    <section class="conversation" aria-label="The conversation so far">
      {leftOut > 0 && (
        <p class="muted">
          {plural(leftOut, "earlier exchange")} of the conversation {leftOut === 1 ? "is" : "are"} left out, because it
          was too long.
        </p>
      )}
      {early.length > 0 && (
        <details class="fold">
          <summary>
            Earlier <span class="badge">{early.length}</span>
          </summary>
          <ol>{early}</ol>
        </details>
      )}
      <ol>
        {items.slice(early.length)}
        <li>
          <p class="request" tabIndex={0}>
            {spec.prompt}
          </p>
        </li>
      </ol>
    </section>
  );
}

function Said({ exchange, origin }: { exchange: Exchange; origin: Origin | undefined }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <p class="request" tabIndex={0}>
        {exchange.request}
      </p>
      <details class="fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>The answer then{exchange.cut ? ", shortened" : ""}</summary>
        {isOpen && <Markdown text={exchange.answer} streaming={false} />}
      </details>
      {origin && <OriginLink {...origin} />}
    </li>
  );
}

function OriginLink({ id, isThere, isOther }: Origin) {
  if (isThere === false) return <span class="muted origin">Its workflow is not there any more</span>;
  return (
    <span class="origin">
      <a href={addressOf(id)} onClick={follow}>
        Its workflow
      </a>
      {isOther && <span class="muted">, which has run again since</span>}
    </span>
  );
}

/** The workflows of the exchanges, the latest first: each knows only the one before it. */
function useOrigins(parent: Parent | undefined, count: number): Origin[] {
  const first = parent ? [{ id: parent.id, isThere: null, isOther: false }] : [];
  const [origins, setOrigins] = useState<Origin[]>(first);
  useEffect(() => {
    let left = false;
    const ask = async () => {
      const known: Origin[] = [];
      let next: Pick<Parent, "id" | "run"> | null | undefined = parent;
      while (next && !left && known.length < Math.min(count, ASKED_MAX)) {
        const { id, run } = next;
        const found = await lineage(id);
        const isThere = found === null ? null : found !== "gone";
        const it = found === "gone" ? null : found;
        known.push({ id, isThere, isOther: it !== null && it.run !== run });
        next = it?.parent;
      }
      if (!left && known.length > 0) setOrigins(known);
    };
    void ask();
    return () => {
      left = true;
    };
  }, [parent?.id, count]);
  return origins;
}
