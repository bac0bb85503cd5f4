import { useMemo } from "preact/hooks";
import { differenceOf, type Piece } from "../lib/diff";
import { plural } from "../lib/format";

/** Lines that are shown before and after a change. What lies between is told by its number. */
const CONTEXT_LINES = 2;

/** What a review has changed, as Markdown's text: what went is crossed out, what came is underlined. */
export function Changes({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => differenceOf(before, after), [before, after]);
  const last = pieces.length - 1;
  return (
    <section class="changes" aria-label="Changes of the review">
      {pieces.map((piece, index) => (
        <Shown key={index} piece={piece} isFirst={index === 0} isLast={index === last} />
      ))}
    </section>
  );
}

function Shown({ piece: { kind, text }, isFirst, isLast }: { piece: Piece; isFirst: boolean; isLast: boolean }) {
  if (kind === "same") return <Unchanged {...{ text, isFirst, isLast }} />;
  const Mark = kind === "gone" ? "del" : "ins";
  return (
    <Mark>
      {/* Few screen readers tell these elements by themselves. */}
      <span class="visually-hidden">{kind === "gone" ? "[removed: " : "[added: "}</span>
      {text}
      <span class="visually-hidden">]</span>
    </Mark>
  );
}

function Unchanged({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  // A line that goes on in the change belongs to it.
  const head = isFirst ? 0 : CONTEXT_LINES + 1;
  const tail = isLast ? 0 : CONTEXT_LINES + 1;
  const between = lines.length - head - tail;
  if (between < 3) return <span>{text}</span>;
  return (
    <>
      <span>{lines.slice(0, head).join("")}</span>
      <span class="unchanged muted">{plural(between, "unchanged line")}</span>
      <span>{tail === 0 ? "" : lines.slice(-tail).join("")}</span>
    </>
  );
}
