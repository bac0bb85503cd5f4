import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
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

/** Markdown that may still grow. */
export function Markdown({ text, streaming }: { text: string; streaming: boolean }) {
  const blocks = useBlocks(text, streaming);
  const shown = useGradually(blocks.length);
  return (
    <div class="markdown" data-blocks={blocks.length} data-complete={!streaming && shown >= blocks.length}>
      {blocks.slice(0, shown).map((block, index) => (
        <RenderedBlock key={index} block={block} settled={!streaming || index < blocks.length - 1} />
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

function RenderedBlock({ block, settled }: { block: Block; settled: boolean }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const fragment = sanitize(block.html);
    if (settled) highlight(fragment);
    ref.current?.replaceChildren(fragment);
    return ref.current ? watchScrollers(ref.current) : undefined;
  }, [block.raw, settled]);
  return <div class="block" ref={ref} />;
}
