// What the server would refuse is said before it is sent, in the console's words and at its field.

import { faultOf } from "../lib/json";
import { INSTRUCTIONS_BYTES_MAX, tooLong } from "../lib/texts";
import { ApiProblem, wordsFor } from "../net/problem";
import { sentence } from "../workflow/words";
import type { Draft } from "./draft";

export type Field = keyof Draft;
export type Faults = Partial<Record<Field, string>>;

export const PROMPT_BYTES_MAX = 128 * 1024;
/** Of a schema as JSON. */
const SCHEMA_BYTES_MAX = 64 * 1024;
/** As src/api/submission.rs has them. */
const RANGES: Partial<Record<Field, [number, number]>> = {
  maxWords: [50, 20_000],
  maxSubtasks: [1, 50],
  maxConcurrency: [1, 1_000_000],
  deadlineSeconds: [1, 604_800],
  tokenBudget: [1, 1_000_000_000],
};

/** The fields by their names in the API. */
const FIELDS: Record<string, Field> = {
  prompt: "prompt",
  follow_up_to: "followUpTo",
  metadata: "metadata",
  tasks: "tasks",
  form: "tasks",
  shared: "tasks",
  borders: "tasks",
  criteria: "tasks",
  "options.mode": "mode",
  "options.length": "length",
  "options.length.max_words": "maxWords",
  "options.review": "review",
  "options.output_schema": "outputSchema",
  "options.max_subtasks": "maxSubtasks",
  "options.max_concurrency": "maxConcurrency",
  "options.on_subtask_failure": "failure",
  "options.big_model": "bigModel",
  "options.small_model": "smallModel",
  "options.deadline_seconds": "deadlineSeconds",
  "options.token_budget": "tokenBudget",
  "options.instructions": "instructions",
};

/** Behind the fold. */
const OPTIONS: Field[] = [
  "mode",
  "review",
  "length",
  "maxWords",
  "maxSubtasks",
  "maxConcurrency",
  "failure",
  "bigModel",
  "smallModel",
  "deadlineSeconds",
  "tokenBudget",
  "instructions",
  "outputSchema",
];
export const optionFaults = (faults: Faults): number => OPTIONS.filter((field) => faults[field]).length;

/** In the order of the page. */
export const firstFault = (faults: Faults): Field | undefined =>
  (["prompt", "followUpTo", "tasks", "metadata", ...OPTIONS] as Field[]).find((field) => faults[field]);

/** What of a schema can be told without knowing the keywords that the server honours. */
function schemaFault(text: string): string | null {
  if (!text.trim()) return null;
  const fault = faultOf(text);
  if (fault !== null) return `This is no JSON. ${sentence(fault)}`;
  const schema: unknown = JSON.parse(text);
  const isSchema = typeof schema === "boolean" || (typeof schema === "object" && schema && !Array.isArray(schema));
  if (!isSchema) return "A JSON Schema is an object in braces, or true or false.";
  return tooLong(JSON.stringify(schema), SCHEMA_BYTES_MAX);
}

export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (!draft.prompt.trim()) faults.prompt = "Write what should be done first.";
  const long = (field: "prompt" | "instructions", max: number) => {
    const fault = tooLong(draft[field], max);
    if (fault) faults[field] = fault;
  };
  long("prompt", PROMPT_BYTES_MAX);
  long("instructions", INSTRUCTIONS_BYTES_MAX);
  const schema = schemaFault(draft.outputSchema);
  if (schema) faults.outputSchema = schema;
  if (draft.mode === "direct" && draft.tasks)
    faults.mode = "The prompt comes with its own subtasks, so it can't be answered directly.";
  for (const [field, [min, max]] of Object.entries(RANGES) as [Field, [number, number]][]) {
    const isWords = field === "maxWords";
    if (isWords && draft.length !== "words") continue;
    const value = String(draft[field]).trim();
    const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
    if ((value || isWords) && !(number >= min && number <= max)) {
      const bounds = field === "maxConcurrency" ? `from ${min} on` : `from ${min} to ${max.toLocaleString("en-US")}`;
      faults[field] = `Enter a whole number ${bounds}${isWords ? "" : ", or nothing"}.`;
    }
  }
  return faults;
}

/** What the server refused, at its field. Null where it names none that the page has. */
export function refusedField(error: unknown): Faults | null {
  if (!(error instanceof ApiProblem) || !error.field) return null;
  const field = FIELDS[error.field.replace(/(?<=^(?:tasks|metadata|borders|criteria))\b.*/, "")];
  if (!field) return null;
  // The API's name of the field stands before the first colon, or first.
  const said = wordsFor(new ApiProblem(0, "", "", error.detail.replace(/^[\w.]+ is .*?: |^[\w.[\]]+: /, ""))).detail;
  return { [field]: `The server does not take this. ${said}` };
}
