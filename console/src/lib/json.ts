// JSON for people, token by token: numbers and the order of keys stay as they were written, which parsing does not
// promise.

const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** Indented by two spaces. What is no JSON comes back as it is. */
export function indented(text: string): string {
  if (faultOf(text) !== null) return text;
  const tokens = text.match(TOKENS) ?? [];
  let depth = 0;
  let shown = "";
  const newLine = () => `\n${"  ".repeat(depth)}`;
  for (const [index, token] of tokens.entries()) {
    const isClosed = /^[\]}]$/.test(tokens[index + 1] ?? "");
    if (/^[[{]$/.test(token)) {
      depth++;
      shown += token + (isClosed ? "" : newLine());
    } else if (/^[\]}]$/.test(token)) {
      depth--;
      shown += (/^[[{]$/.test(tokens[index - 1] ?? "") ? "" : newLine()) + token;
    } else shown += token === "," ? `,${newLine()}` : token === ":" ? ": " : token;
  }
  return shown;
}

/** What is wrong with it as JSON, in the browser's words; null where nothing is. */
export function faultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
