import { useEffect, useRef } from "preact/hooks";
import { addressOf, arrival, follow, RESERVED } from "../lib/router";

const SHOWN_CHARS = 80;

/** What an address shows that names neither the start page nor a workflow. */
export function Nowhere({ path }: { path: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (arrival.within) heading.current?.focus({ preventScroll: true });
  }, [path]);
  const word = path.slice(1);
  const shown = path.length > SHOWN_CHARS ? `${path.slice(0, SHOWN_CHARS)}…` : path;
  return (
    <main id="main" class="run lonely">
      <h1 ref={heading} tabIndex={-1}>
        There is no page here
      </h1>
      {RESERVED.has(word) ? (
        <p>
          <code>{path}</code> is kept for the server itself. A workflow with this id is at{" "}
          <a href={addressOf(word)} onClick={follow}>
            {addressOf(word)}
          </a>
          .
        </p>
      ) : (
        <p>
          <code>{shown}</code> is no workflow’s address. That is <code>/</code> and the workflow’s id, of 1 to 100
          letters, digits, “_” or “-”.
        </p>
      )}
      <p class="actions">
        <a class="button primary" href="/" onClick={follow}>
          Go to the start page
        </a>
      </p>
    </main>
  );
}
