// Which models the variables name, and who answers for each: as the Worker reads them (src/model/names.rs and
// src/api/config).

const DEMO = "demo";
export const PROVIDERS = ["workers-ai", "openai", "ollama", DEMO];
const LISTS = /** @type {const} */ (["BIG_MODEL", "SMALL_MODEL"]);

/** The servers that PROVIDER_NAME_BASE_URL defines: NAME by their name, as models have it before a colon. */
export function serversOf(variables) {
  const names = Object.keys(variables)
    .filter((name) => variables[name]?.trim())
    .map((name) => /^PROVIDER_([A-Z0-9_]+)_BASE_URL$/.exec(name)?.[1]);
  return new Map(names.filter(Boolean).map((name) => [name.toLowerCase().replaceAll("_", "-"), name]));
}

/** The models of one list in order: `{ provider, name }`. A list that is not set is one of the provider, unnamed. */
export function listed(variables, list) {
  const provider = variables.MODEL_PROVIDER?.trim() || DEMO;
  const known = [...PROVIDERS, ...serversOf(variables).keys()];
  const entries = (variables[list] ?? "").split(",").map((entry) => entry.trim());
  const models = entries
    .filter((entry) => entry !== "")
    .map((entry) => {
      const prefix = known.find((one) => entry.startsWith(`${one}:`));
      return { provider: prefix ?? provider, name: prefix ? entry.slice(prefix.length + 1).trim() : entry };
    });
  return models.length > 0 ? models : [{ provider, name: null }];
}

/** The models with a name of both lists, each once. */
export function modelsOf(variables) {
  const models = LISTS.flatMap((list) => listed(variables, list)).filter(({ name }) => name !== null);
  return models.filter((one, index) => models.findIndex((other) => same(one, other)) === index);
}

/** The lists that have the model; a `name` of null stands for those that are not set. */
export const listsOf = (variables, model) =>
  LISTS.filter((list) => listed(variables, list).some((one) => same(one, model)));

const same = (a, b) => a.provider === b.provider && a.name === b.name;

/** All who may be called for an answer, each once. */
export const providersOf = (variables) => [
  ...new Set(LISTS.flatMap((list) => listed(variables, list)).map(({ provider }) => provider)),
];

/** What the demo answers, as a sentence; null where it answers nothing, so that each call may cost something. */
export function demoWords(variables) {
  if (isDemo(variables)) return "No model is configured: the demo answers.";
  const faked = LISTS.find((list) => listed(variables, list).every(({ provider }) => provider === DEMO));
  return faked ? `${faked} names no real model: the demo answers in its place, and the others are real.` : null;
}

/** Whether nothing but the demo may answer. */
export const isDemo = (variables) => providersOf(variables).every((provider) => provider === DEMO);
