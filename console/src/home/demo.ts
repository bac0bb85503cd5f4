// Whether the demo answers, and nobody else. A prefix may name another provider, whatever the usual one is.

import type { Info } from "../net/api";
import type { Spec } from "../workflow/events";

const DEMO = "demo";

/** Of a server, which shows a model of another provider as `provider:model`. */
export const answersAsDemo = ({ provider, big, small }: Info) =>
  provider === DEMO && ![...big, ...small].some((name) => name.includes(":"));

/** Of a workflow. */
export const wasDemo = ({ provider, big_models: big, small_models: small }: Spec) =>
  provider === DEMO && [...big, ...small].every((model) => model.provider === DEMO);
