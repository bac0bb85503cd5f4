// What `serve` says to a person once it is ready.

import { quoted } from "../lib/command.mjs";

/**
 * `url`: where it answers. `folder`: with the workflows. `tokenFile`: of the folder's own token, null where tokens were
 * given. `isNew`: it was made just now. `token`: the token where it may be shown, else null. `demo`: what the
 * demo answers, or null. `hint`: a line on what could, or null.
 */
export function greetingOf({ url, folder, tokenFile, isNew, token, demo, hint }) {
  const lines = [`\nReady on ${url}. Workflows are kept in ${folder}.\n`];
  if (demo) lines.push(`${demo} For real ones see the README, Models.`);
  if (hint) lines.push(hint);
  if (demo) lines.push("");
  lines.push(token ? `The console:\n\n  ${url}/#token=${encodeURIComponent(token)}\n` : `The console: ${url}\n`);
  if (tokenFile) lines.push(`${isNew ? "A token was made, and is kept" : "The token is"} in ${tokenFile}.`);
  const bearer = tokenFile ? `$(cat ${quoted(tokenFile)})` : "YOUR-TOKEN";
  lines.push(
    "A first request:\n",
    `  curl ${url} -H "Authorization: Bearer ${bearer}" -H "Prefer: wait=60" -H "Accept: text/markdown" \\`,
    `    -d '{"prompt": "Plan a small birthday party: food, music and games"}'\n`,
    "Ctrl+C ends it.\n",
  );
  return lines.join("\n");
}
