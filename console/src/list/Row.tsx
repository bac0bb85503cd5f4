import { ago, plural } from "../lib/format";
import { titleOf } from "../lib/recents";
import { addressOf, follow, followWithin } from "../lib/router";
import { StateIcon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/Menu";
import { statusWord } from "../workflow/outcome";
import type { BulkName } from "./actions";
import { canTerminate, type Entry, hasGaps, subtaskWords, tokenWords } from "./entries";
import { addressOfFilter, EVERYTHING } from "./filter";

interface Props {
  entry: Entry;
  picked: boolean;
  onPick: (isRange: boolean) => void;
  onAsk: (name: BulkName, entries: Entry[]) => void;
}

/** One workflow. What a refresh may change stands in places of a fixed size. */
export function Row({ entry, picked, onPick, onAsk }: Props) {
  const title = titleOf(entry.prompt);
  const at = Date.parse(entry.queued);
  const gaps = hasGaps(entry);
  const items: MenuItem[] = [
    { label: "Delete…", hint: "with all of its data", danger: true, action: () => onAsk("delete", [entry]) },
  ];
  if (canTerminate(entry)) items.unshift({ label: "Terminate…", action: () => onAsk("terminate", [entry]) });
  return (
    <li class={`entry${picked ? " picked" : ""}`} data-id={entry.id} data-state={entry.status}>
      <label class="pick">
        <input
          type="checkbox"
          aria-label={`Select “${title}”`}
          checked={picked}
          onClick={(event) => onPick(event.shiftKey)}
        />
      </label>
      <div class="entry-main">
        <a class="entry-title" href={addressOf(entry.id)} title={entry.prompt} onClick={follow}>
          {title}
        </a>
        <Marks entry={entry} />
      </div>
      <p class="entry-status">
        <span>
          <StateIcon name={gaps ? "warn" : entry.status} />
          {statusWord(entry.status, gaps ? "" : null)}
        </span>
        <small class="entry-warnings">{entry.warnings > 0 && `⚠ ${plural(entry.warnings, "warning")}`}</small>
      </p>
      <Measure area="subtasks" words={subtaskWords(entry)} />
      <Measure area="tokens" words={tokenWords(entry)} />
      <time class="entry-age muted" dateTime={entry.queued} title={new Date(at).toLocaleString()}>
        {ago(at)}
      </time>
      <Menu compact label={`Actions for “${title}”`} items={items} />
    </li>
  );
}

/** What it belongs to. */
function Marks({ entry: { id, metadata, parent, children } }: { entry: Entry }) {
  return (
    <p class="entry-marks muted">
      <code>{id}</code>
      {Object.entries(metadata).map(([key, value]) => (
        <span key={key} class="tag" title={`${key}: ${value}`}>
          {key}: {value}
        </span>
      ))}
      {parent !== null && (
        <span>
          follow-up of{" "}
          <a href={addressOf(parent)} onClick={follow}>
            {parent}
          </a>
        </span>
      )}
      {children > 0 && (
        <a href={addressOfFilter({ ...EVERYTHING, parent: id })} onClick={followWithin}>
          {plural(children, "follow-up")}
        </a>
      )}
    </p>
  );
}

const Measure = ({ area, words: [value, unit] }: { area: string; words: [string, string] }) => (
  <p class={`entry-measure entry-${area}`}>
    <span>{value}</span> <small class="muted">{unit}</small>
  </p>
);
