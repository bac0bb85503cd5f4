// What may stand in `model`: ways to have a request answered, not names of language models, which the deployment has
// chosen.

/** @type {Record<string, { mode: "auto" | "direct" | "split", review?: "once", what: string }>} */
export const MODELS = {
  orchestrator: { mode: "auto", what: "one call, or a plan of parts where that gives a better answer" },
  "orchestrator-direct": { mode: "direct", what: "one call of the big model" },
  "orchestrator-thorough": { mode: "split", review: "once", what: "always in parts, and reviewed as a whole" },
};

/** 2026-11-01: when these names began to mean this. */
const CREATED = 1_793_491_200;

const shown = (id) => ({
  id,
  object: "model",
  created: CREATED,
  owned_by: "orchestrator-workers",
  description: MODELS[id].what,
});

export const listed = () => ({ object: "list", data: Object.keys(MODELS).map(shown) });

/** The model as clients are shown it, or null. */
export const model = (id) => (Object.hasOwn(MODELS, id) ? shown(id) : null);

/** A message that goes on with a conversation and is no longer than this has one call answer it. */
const SHORT_CHARS_MAX = 200;

/** Whether these turns are a conversation: a greeting of the assistant's alone is none. */
export const hasAsked = (turns) => turns.some(({ role }) => role === "user");

/**
 * The options that a model stands for. In mode `auto`, a short message that goes on with what the user has asked before
 * is answered directly.
 */
export function wayOf(model, { prompt, goesOn }) {
  const { mode, review } = MODELS[model];
  if (mode === "auto" && goesOn && prompt.length <= SHORT_CHARS_MAX) return { mode: "direct" };
  return { mode, ...(review ? { review } : {}) };
}
