// What a model wrote is not trusted: only harmless elements pass, nothing loads, nothing runs. Never a string of HTML
// into the page: the sanitiser hands over nodes.

import DOMPurify from "dompurify";

const TAGS = (
  "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code strong b em i del s u sub sup kbd mark small abbr q " +
  "table thead tbody tfoot tr th td caption a details summary dl dt dd span"
).split(" ");
const ATTRIBUTES = ["href", "title", "class", "align", "start", "colspan", "rowspan", "open"];
/** No relative addresses: a link of a model's must not lead into the console. */
const URIS = /^(?:https?:\/\/|mailto:)/i;

export function sanitize(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: URIS,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const element of fragment.querySelectorAll("[class]")) {
    const language = element.tagName === "CODE" ? /\blanguage-[\w+#-]+/.exec(element.className)?.[0] : null;
    if (language) element.className = language;
    else element.removeAttribute("class");
  }
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const code of fragment.querySelectorAll<HTMLElement>("pre")) frame(code);
  for (const table of fragment.querySelectorAll("table")) {
    const group = document.createElement("div");
    group.className = "table-frame";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Table");
    table.replaceWith(group);
    group.append(table);
    frame(group);
  }
  return fragment;
}

/** What may be wider than the page scrolls by itself, in a frame that shows that it does (scrollers.ts). */
function frame(wide: HTMLElement): void {
  const scroller = document.createElement("div");
  scroller.className = "scroller";
  wide.replaceWith(scroller);
  scroller.append(wide);
}

/** The highlighter's output: nothing but spans with its own classes. */
export function sanitizeHighlight(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: ["span"],
    ALLOWED_ATTR: ["class"],
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
