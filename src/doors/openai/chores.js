// What chat front ends ask on their own behalf, with the chat's model unless they are told another: titles, tags,
// follow-up questions, what to search for. They have the small model answer in one call. Such a request is recognised
// by the exact opening of the template that the front end comes with; one that its owner has rewritten is not.

/**
 * @typedef {object} Chore
 * @property {string} of the front end
 * @property {string} what
 * @property {string} opening of the message, after white space
 * @property {"system"} [role] where it is not the last message of the user
 */

/** @type {Chore[]} As of November 2026, and what older releases that are still in use send. */
export const CHORES = [
  // open-webui/open-webui, backend/open_webui/config.py: DEFAULT_..._PROMPT_TEMPLATE.
  row("Open WebUI", "title", "### Task:\nGenerate a concise title summarizing the chat history.\n"),
  row(
    "Open WebUI",
    "title",
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n",
  ),
  row("Open WebUI", "tags", "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history, "),
  row(
    "Open WebUI",
    "follow-ups",
    "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might ",
  ),
  row("Open WebUI", "search", "### Task:\nAnalyze the chat history to determine the necessity of generating search "),
  row("Open WebUI", "image", "### Task:\nGenerate a detailed prompt for am image generation task based on the given "),
  row(
    "Open WebUI",
    "autocomplete",
    "### Task:\nYou are an autocompletion system. Continue the text in `<text>` based ",
  ),
  row("Open WebUI", "emoji", "Your task is to reflect the speaker's likely facial expression through a fitting emoji."),
  // danny-avila/agents, src/utils/title.ts; danny-avila/LibreChat of older releases.
  row("LibreChat", "title", "Provide a concise, 5-word-or-less title for the conversation, using "),
  row("LibreChat", "title", "Analyze this conversation and provide:\n1. The detected language of the conversation\n"),
  row("LibreChat", "title", "Please generate a concise title (max 40 characters) for a conversation that starts with:"),
  row(
    "LibreChat",
    "title",
    "Detect user language and write in the same language an extremely concise title for this conversation, ",
    "system",
  ),
];

/** @returns {Chore} */
function row(of, what, opening, role = undefined) {
  return { of, what, opening, role };
}

/** Our prompts ask for Markdown, and the front end wants to parse what comes. */
export const CHORE_INSTRUCTIONS =
  "Write exactly what the request asks for, in the form that it asks for: bare JSON where it wants JSON, without " +
  "Markdown, without a code fence, and nothing else.";

/** The chore that this conversation is, if any. A template that only a system message has is the whole request. */
export function choreOf({ prompt, system }) {
  const found = (text, role) => CHORES.find((chore) => chore.role === role && text.startsWith(chore.opening));
  return found(prompt.trimStart(), undefined) ?? found(system.trimStart(), "system") ?? null;
}
