import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Glyph } from "../ui/icons";
import { type Block, GrowingMarkdown } from "./blocks";
import { highlight } from "./highlight";
import { sanitize } from "./sanitize";
import { watchScrollers } from "./scrollers";

/** Between two looks at a streaming text, at least; more where rendering takes long. */
const PAUSE_MS = 60;
/**
 * Blocks that are put into the page at once: the rest follow in the frames after, so that a huge answer never freezes
 * it.
 */
const BLOCKS_PER_FRAME = 60;

interface Props {
  text: string;
  streaming: boolean;
  /** Up to where the text stays as it is, in UTF-16 units. Blocks that reach beyond are marked. */
  settled?: number;
  /** What is done with the section of a heading, by a button beside it. Null: not yet, and there is room for it. */
  sections?: ((heading: string) => void) | null;
}

/** Markdown that may still grow. */
export function Markdown({ text, streaming, settled = Number.POSITIVE_INFINITY, sections }: Props) {
  const blocks = useBlocks(text, streaming);
  const shown = useGradually(blocks.length);
  const isOpen = (block: Block | undefined) => streaming && block !== undefined && block.end > settled;
  const firstOpen = blocks.findIndex(isOpen);
  return (
    <div
      class={`markdown${sections === undefined ? "" : " sectioned"}`}
      data-blocks={blocks.length}
      data-complete={!streaming && shown >= blocks.length}
    >
      {blocks.slice(0, shown).map((block, index) => (
        <RenderedBlock
          key={index}
          block={block}
          complete={!streaming || index < blocks.length - 1}
          onSection={sections ?? null}
          mark={!isOpen(block) ? null : index === firstOpen ? "first" : "next"}
        />
      ))}
    </div>
  );
}

function useBlocks(text: string, streaming: boolean): Block[] {
  const growing = useRef<GrowingMarkdown | null>(null);
  growing.current ??= new GrowingMarkdown();
  const [blocks, setBlocks] = useState<Block[]>(() => growing.current?.update(text, !streaming) ?? []);
  const wanted = useRef({ text, streaming });
  wanted.current = { text, streaming };
  const pause = useRef(PAUSE_MS);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useLayoutEffect(() => {
    const look = () => {
      timer.current = null;
      const started = performance.now();
      setBlocks(growing.current?.update(wanted.current.text, !wanted.current.streaming) ?? []);
      pause.current = Math.max(PAUSE_MS, (performance.now() - started) * 6);
    };
    if (!streaming) {
      if (timer.current !== null) clearTimeout(timer.current);
      look();
    } else timer.current ??= setTimeout(look, pause.current);
  }, [text, streaming]);
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return blocks;
}

function useGradually(count: number): number {
  const [shown, setShown] = useState(BLOCKS_PER_FRAME);
  useEffect(() => {
    if (shown >= count) return;
    const frame = setTimeout(() => setShown(shown + BLOCKS_PER_FRAME), 0);
    return () => clearTimeout(frame);
  }, [shown, count]);
  return shown;
}

interface RenderedProps {
  block: Block;
  /** Nothing of it is still to come. */
  complete: boolean;
  /** It is not settled, and whether it is the first such block. */
  mark: "first" | "next" | null;
  onSection: ((heading: string) => void) | null;
}

function RenderedBlock({ block, complete, mark, onSection }: RenderedProps) {
  const { heading } = block;
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const fragment = sanitize(block.html);
    if (complete) highlight(fragment);
    ref.current?.replaceChildren(fragment);
    return ref.current ? watchScrollers(ref.current) : undefined;
  }, [block.raw, complete]);
  return (
    <>
      {/* For those who do not see the line at its side. */}
      {mark === "first" && <p class="visually-hidden">From here on the text is not settled and may still change.</p>}
      <div class={`block${mark ? " open" : ""}${heading === null ? "" : " heading"}`} ref={ref} />
      {heading !== null && onSection && (
        <span class="section-tool">
          <button
            type="button"
            class="button quiet tiny"
            aria-label={`Expand the section “${heading}”`}
            title="Expand this section"
            onClick={() => onSection(heading)}
          >
            <Glyph name="plus" size={14} />
            <span class="wide-only">Expand</span>
          </button>
        </span>
      )}
    </>
  );
}
