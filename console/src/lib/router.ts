// Two kinds of pages: `/` or `/workflows`, and `/ID` or `/workflows/ID`; what is selected on a workflow's page is the
// fragment.
// Whatever else stands in the address bar is no page, by the server's rules (src/api/routes.rs, src/api/id.rs).

import { createStore } from "./store";

export interface Place {
  /** Null: the start page, or none. */
  id: string | null;
  /** The path where there is no page. */
  nowhere: string | null;
  /** Without the `#`: a step's name, `answer` or `log`; empty where the page follows the run. */
  fragment: string;
}

const ID = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$/;
/** Paths of the server's own, now or one day: ids below `/workflows` only. A test compares them with the server's. */
export const RESERVED = new Set(
  (
    "health docs mcp assets api console metrics events result favicon openapi index workflows v1 ready share usage " +
    "tenants login well-known"
  ).split(" "),
);

/** Whatever stands in the address bar, also what is no valid encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function placeOf({
  pathname,
  hash,
  search = "",
}: Pick<Location, "pathname" | "hash"> & { search?: string }): Place {
  const fragment = decoded(hash.slice(1));
  // A list's address of the API has its filter in the query.
  if (pathname === "/" || pathname === "/workflows")
    return { id: null, nowhere: null, fragment: fragment || decoded(search.slice(1)) };
  const [, below, id] = /^\/(workflows\/)?([^/]*)$/.exec(pathname) ?? [];
  const named = id !== undefined && ID.test(id) && (below !== undefined || !RESERVED.has(id));
  return named ? { id, nowhere: null, fragment } : { id: null, nowhere: pathname, fragment };
}

/** The address of a workflow's page. */
export const addressOf = (id: string): string => (RESERVED.has(id) ? `/workflows/${id}` : `/${id}`);

export const place = createStore<Place>(placeOf(location));

/** Whether this page was come to from within the console: then it takes the focus, as a page that is loaded does. */
export const arrival = { within: false };

const read = (): void => {
  const [before, next] = [place.get(), placeOf(location)];
  if (next.id !== before.id || next.nowhere !== before.nowhere) arrival.within = true;
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
  const address = plainly(event);
  if (address !== null) go(address);
}

/** For links to a fragment of the page that is shown: it stays where it is scrolled to. */
export function followWithin(event: MouseEvent): void {
  const address = plainly(event);
  if (address !== null) select(decoded(address.split("#")[1] ?? ""));
}

/** The address of a link that was clicked plainly. Null where the click is the browser's. */
function plainly(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return null;
  event.preventDefault();
  return (event.currentTarget as HTMLAnchorElement).getAttribute("href") ?? "/";
}
