// Whose model it is, by its name: a judge prefers texts like its own.

/**
 * How a word of a name begins, and who made such models.
 *
 * @type {[RegExp, string][]}
 */
const FAMILIES = [
  [/^(gpt|chatgpt|o[1345](?!\d))/, "OpenAI"],
  [/^claude/, "Anthropic"],
  [/^(gemini|gemma|palm)/, "Google"],
  [/^llama/, "Meta"],
  [/^nemotron/, "NVIDIA"],
  [/^(mistral|mixtral|ministral|magistral|devstral|codestral)/, "Mistral"],
  [/^(qwen|qwq)/, "Alibaba"],
  [/^deepseek/, "DeepSeek"],
  [/^(glm|chatglm)/, "Zhipu"],
  [/^kimi/, "Moonshot"],
  [/^phi/, "Microsoft"],
  [/^(command|aya)/, "Cohere"],
  [/^grok/, "xAI"],
  [/^granite/, "IBM"],
];

/** The makers that a model's name tells of, two of `deepseek-r1-distill-qwen-32b`; empty where it tells none. */
export function familiesOf(model) {
  const name = model.toLowerCase().split("/").at(-1);
  const words = name.split(/[^a-z0-9]+/);
  return [
    ...new Set(words.flatMap((word) => FAMILIES.filter(([start]) => start.test(word)).map(([, maker]) => maker))),
  ];
}

/** What to warn of where this judge reads texts of these models; null where it is of another family than all. */
export function kinship(judge, models) {
  const own = familiesOf(judge);
  const unknown = [judge, ...models].filter((model) => familiesOf(model).length === 0);
  const kin = models.filter((model) => familiesOf(model).some((family) => own.includes(family)));
  if (kin.length > 0)
    return `The judge ${judge} is of the same family as ${kin.join(", ")}, and models prefer texts like their own.`;
  if (unknown.length > 0)
    return `Whether the judge ${judge} is of another family can't be told from these names: ${unknown.join(", ")}.`;
  return null;
}
