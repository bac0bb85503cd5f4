// Two kinds of pages: `/`, and `/ID` or `/workflows/ID`; what is selected on a workflow's page is the fragment.

import { createStore } from "./store";

export interface Place {
  /** Null: the start page. */
  id: string | null;
  /** Without the `#`: a step's name, `answer` or `log`; empty where the page follows the run. */
  fragment: string;
}

const read = (): Place => ({
  id: decodeURIComponent(location.pathname.replace(/^\/(workflows\/)?/, "")) || null,
  fragment: decodeURIComponent(location.hash.slice(1)),
});

export const place = createStore<Place>(read());

addEventListener("popstate", () => place.set(read()));

export function go(path: string): void {
  history.pushState(null, "", path);
  place.set(read());
  scrollTo(0, 0);
}

export function select(fragment: string): void {
  history.replaceState(null, "", `${location.pathname}${fragment ? `#${encodeURI(fragment)}` : ""}`);
  place.set(read());
}

/** For links within the console: a plain click stays on the page, every other one is the browser's. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go((event.currentTarget as HTMLAnchorElement).getAttribute("href") ?? "/");
}
