/** The same submission for a shell, quoted for sh. */
export function curlFor(origin: string, submission: unknown, withToken: boolean): string {
  const lines = [`curl ${quote(`${origin}/`)}`];
  if (withToken) lines.push('  -H "Authorization: Bearer $TOKEN"');
  lines.push("  -H 'Content-Type: application/json'", `  -d ${quote(JSON.stringify(submission))}`);
  return lines.join(" \\\n");
}

const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
