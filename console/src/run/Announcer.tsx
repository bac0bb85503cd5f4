import { useEffect, useRef, useState } from "preact/hooks";
import type { Workflow } from "../workflow/state";

/** Tells a screen reader what happens, gathered into one sentence a second or two: never the text that streams. */
export function Announcer({ workflow }: { workflow: Workflow }) {
  const heard = useRef<number | null>(null);
  const latest = useRef(workflow);
  latest.current = workflow;
  const [said, setSaid] = useState("");
  useEffect(() => {
    // What had happened before the page was opened is no news.
    heard.current ??= workflow.seq;
    const timer = setTimeout(() => {
      const news = latest.current.log.filter(
        (entry) => entry.seq > (heard.current ?? 0) && !/ started$/.test(entry.text),
      );
      heard.current = latest.current.seq;
      if (news.length > 0)
        setSaid(
          news
            .slice(-4)
            .map((entry) => entry.text)
            .join(". "),
        );
    }, 1200);
    return () => clearTimeout(timer);
  }, [workflow.seq]);
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {said}
    </p>
  );
}
