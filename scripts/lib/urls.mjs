// URLs in what is shown: logs and screens are no place for the passwords in them.

/** Without what may be a secret: user, password, query and fragment; and a text that is no URL may be a key. */
export function shownUrl(text) {
  const url = webUrl(text);
  return url === null ? "what is no URL" : `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** Whether it names a user or a password, with which nothing can be fetched. */
export function hasUser(text) {
  return URL.canParse(text) && new URL(text).username + new URL(text).password !== "";
}

function webUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

/** What somebody typed for a URL, for the words on what is wrong with it. */
export const typedUrl = (text) => text.replace(/^.*@/s, "...@").replace(/[?#].*$/s, "");
