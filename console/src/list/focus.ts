import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Where the focus was within a row that goes, the next row takes it, or the heading where there is none. */
export function useKeptFocus(
  ids: string[],
  heading: RefObject<HTMLElement | null>,
): RefObject<HTMLUListElement | null> {
  const list = useRef<HTMLUListElement>(null);
  const held = useRef<{ element: Element; row: number } | null>(null);
  useEffect(() => {
    const came = ({ target }: FocusEvent) => {
      const row = (target as Element).closest(".entry");
      if (!row || !list.current?.contains(row)) held.current = null;
      else held.current = { element: target as Element, row: [...list.current.children].indexOf(row) };
    };
    const left = ({ target }: FocusEvent) =>
      // An element that is taken out of the page loses the focus too.
      queueMicrotask(() => {
        if (held.current?.element === target && held.current.element.isConnected) held.current = null;
      });
    document.addEventListener("focusin", came);
    document.addEventListener("focusout", left);
    return () => {
      document.removeEventListener("focusin", came);
      document.removeEventListener("focusout", left);
    };
  }, []);
  useLayoutEffect(() => {
    const { current } = held;
    if (!current || current.element.isConnected) return;
    held.current = null;
    // Somebody has gone on meanwhile.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const links = list.current?.querySelectorAll<HTMLElement>(".entry-title") ?? [];
    (links[Math.min(current.row, links.length - 1)] ?? heading.current)?.focus({ preventScroll: true });
  }, [ids]);
  return list;
}
