// What goes with an answer.

/** What OpenAI has no field for. Clients pass over it. */
export const about = ({ id, asked, told }, headers, status) => ({
  id,
  url: headers["x-workflow-url"],
  warnings: [...new Set([...told, ...status.warnings.map(({ message }) => message)])],
  ignored: asked.ignored,
});
