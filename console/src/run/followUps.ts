// What goes on with a finished answer: the request, its options, and the requests of one click.

import { draftOf, submissionOf } from "../home/draft";
import type { Info, Submission } from "../net/api";
import type { Spec } from "../workflow/events";

export const SHORTER =
  "Make your answer shorter, by about half: keep what matters most and how it is ordered, and stay in its language.";

export const expanding = (section: string): string =>
  `Expand the section “${section}” of your answer, with more detail, reasons and examples. ` +
  "Answer with that section alone, in the language of the answer.";

/**
 * With the options of the workflow that it goes on with. Whether one call does is chosen anew. `asJson`: whether its
 * answer is to fit the same schema, where there is one.
 */
export function followUpOf(spec: Spec, info: Info | null, prompt: string, asJson: boolean): Submission {
  const { mode, outputSchema, ...draft } = draftOf(spec, info);
  const wanted = {
    prompt,
    mode: mode === "split" ? ("auto" as const) : mode,
    followUpTo: spec.id,
    outputSchema: asJson ? outputSchema : "",
  };
  return submissionOf({ ...draft, ...wanted, tasks: null, terms: {} });
}
