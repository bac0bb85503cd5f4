// An Ollama on this machine that nobody has asked for yet.

const TAGS = "http://127.0.0.1:11434/api/tags";
const ANSWER_MS_MAX = 500;

/** A line that says so and how to use it, for `command`; null where there is none, or none with a model. */
export async function ollamaHint(command, { env = process.env, url = TAGS } = {}) {
  if (env.MODEL_PROVIDER) return null;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const { models } = /** @type {{ models: { name: string }[] }} */ (await response.json());
    const [first] = models.map(({ name }) => name).filter((name) => !/embed/.test(name));
    return first ? `Ollama here has ${first}: MODEL_PROVIDER=ollama ${command}` : null;
  } catch {
    return null;
  }
}
