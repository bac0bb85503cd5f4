// Prompts to click, and the demo's trouble on request.

export const EXAMPLES: { label: string; prompt: string }[] = [
  {
    label: "Plan a conference",
    prompt: `Plan a one-day developer conference for 200 people in Lisbon:
- Find three kinds of venues and what each is good for
- Draft a schedule with eight talks and two workshops
- Estimate the costs per person
- Then compare the venues based on the schedule and the costs
- Finally summarise a recommendation for the organisers`,
  },
  {
    label: "Compare databases",
    prompt: `We need a database for a multi-tenant note-taking app with offline sync.
1. Describe PostgreSQL for this use
2. Describe SQLite at the edge for this use
3. Describe a document store for this use
4. Then compare the three based on the descriptions: consistency, cost, operations, migration
5. Recommend one and list the first five steps`,
  },
  {
    label: "Review an API design",
    prompt: `Review this API: POST /orders creates an order, GET /orders lists all orders, \
POST /orders/:id/cancel cancels one.
- Look at naming and REST conventions
- Look at idempotency and retries
- Look at pagination and filtering
- Look at authentication and abuse
Then merge the findings into a list ordered by severity, with an example request for each fix.`,
  },
  {
    label: "Explain a topic",
    prompt:
      "Explain how vaccines work: the immune system, the kinds of vaccines, how they are tested, and common worries. " +
      "Then write a summary for a twelve-year-old.",
  },
];

export const TROUBLE: { label: string; marker: string; hint: string }[] = [
  { label: "A subtask fails twice", marker: "[demo: fail t2 2x]", hint: "t2 fails two times and then works" },
  { label: "A subtask fails for good", marker: "[demo: fail t2 9x]", hint: "t2 never works: the answer names the gap" },
  {
    label: "A subtask hangs",
    marker: "[demo: hang t3]",
    hint: "t3 never answers until its time limit: terminate it, or restart",
  },
  {
    label: "The first plan is invalid",
    marker: "[demo: invalid-plan 1x]",
    hint: "the planner is asked to mend its plan",
  },
  { label: "Rate limit", marker: "[demo: rate-limit t1 3s]", hint: "t1 is asked to wait three seconds" },
  {
    label: "Truncated synthesis",
    marker: "[demo: truncate synthesis]",
    hint: "the answer stops at the limit and is continued",
  },
  { label: "No subtasks", marker: "[demo: direct]", hint: "the planner chooses that one call answers" },
  {
    label: "A correction fails",
    marker: "[demo: failing-edit 2x]",
    hint: "the editor's correction fits nothing, and its repair neither",
  },
  {
    label: "A review fails",
    marker: "[demo: failing-review]",
    hint: "with a review: its correction fits nothing, and the answer stands",
  },
  {
    label: "The JSON does not fit",
    marker: "[demo: invalid-output 1x]",
    hint: "with a schema: the first reply is prose, and the model is asked again",
  },
  { label: "No marks", marker: "[demo: no-marks]", hint: "the editor answers as a model that knows no marks" },
];

/** What somebody wrote, whatever trouble was clicked to it. */
export const withoutMarkers = (prompt: string): string =>
  TROUBLE.reduce((text, { marker }) => text.replace(marker, ""), prompt).trim();

export function toggleMarker(prompt: string, marker: string): string {
  return prompt.includes(marker)
    ? prompt.replace(marker, "").trimEnd()
    : `${prompt.trimEnd()}${prompt.trim() ? "\n" : ""}${marker}`;
}
