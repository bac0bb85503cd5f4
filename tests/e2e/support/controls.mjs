// What each control does in each status: the table of docs/api.md is this one, and a test tries every cell of it.

export const STATUSES = [
  "queued",
  "running",
  "waiting",
  "waitingForPause",
  "paused",
  "complete",
  "errored",
  "terminated",
];

/** The goal already holds: 200, and nothing changes. */
export const UNCHANGED = "200, unchanged";
export const CONFLICT = "409";

/**
 * By control, in the order of `STATUSES`: the status after it, `UNCHANGED` or `CONFLICT`. One call runs, or one plan
 * waits.
 */
export const CONTROLS = {
  pause: ["paused", "waitingForPause", "paused", UNCHANGED, UNCHANGED, CONFLICT, CONFLICT, CONFLICT],
  resume: [UNCHANGED, UNCHANGED, CONFLICT, "running", "running", CONFLICT, CONFLICT, CONFLICT],
  terminate: ["terminated", "terminated", "terminated", "terminated", "terminated", CONFLICT, CONFLICT, UNCHANGED],
  approve: [CONFLICT, CONFLICT, "running", CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT],
  restart: STATUSES.map(() => "running"),
};

/** The table in Markdown. */
export function controlsTable() {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const code = (word) => (word === UNCHANGED || word === CONFLICT ? word : `\`${word}\``);
  const head = ["| ", ...STATUSES.map(code)].join(" | ");
  const rows = Object.entries(CONTROLS).map(([name, cells]) => row([code(name), ...cells.map(code)]));
  return [`${head} |`, row(["---", ...STATUSES.map(() => "---")]), ...rows].join("\n");
}
