// Two kinds of pages: `/`, and `/ID` or `/workflows/ID`; what is selected on a workflow's page is the fragment.

import { createStore } from "./store";

export interface Place {
  /** Null: the start page. */
  id: string | null;
  /** Without the `#`: a step's name, `answer` or `log`; empty where the page follows the run. */
  fragment: string;
}

/** Whatever stands in the address bar, also what is no valid encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const placeOf = ({ pathname, hash }: { pathname: string; hash: string }): Place => ({
  id: decoded(pathname.replace(/^\/(workflows\/)?/, "")) || null,
  fragment: decoded(hash.slice(1)),
});

export const place = createStore<Place>(placeOf(location));

/** Whether this page was come to from within the console: then it takes the focus, as a page that is loaded does. */
export const arrival = { within: false };

const read = (): void => {
  const [before, next] = [place.get(), placeOf(location)];
  if (next.id !== before.id) arrival.within = true;
  place.set(next);
};

addEventListener("popstate", read);

export function go(path: string): void {
  history.pushState(null, "", path);
  read();
  scrollTo(0, 0);
}

/** What a person chooses is a step of the history, what the page does by itself is none. */
export function select(fragment: string, by: "person" | "page" = "person"): void {
  if (fragment === place.get().fragment) return;
  const url = `${location.pathname}${fragment ? `#${encodeURI(fragment)}` : ""}`;
  if (by === "person") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  read();
}

/** For links within the console: a plain click stays on the page, every other one is the browser's. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go((event.currentTarget as HTMLAnchorElement).getAttribute("href") ?? "/");
}
