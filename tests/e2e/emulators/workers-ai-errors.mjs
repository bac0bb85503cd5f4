// Workers AI's errors, in both of the forms that the service uses.

import { error } from "./scripts.mjs";

function internal(status, internalCode, description, headers) {
  return error(status, { internalCode, description, name: "InferenceUpstreamError", message: description }, headers);
}

export function outOfCapacity(retryAfter) {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return internal(429, 3040, "Capacity temporarily exceeded, please try again.", headers);
}

/** The free allocation of the day: repeating the call before midnight UTC is of no use. */
export function dailyAllocationUsed() {
  return internal(
    429,
    3036,
    "you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan " +
      "if you would like to continue usage.",
  );
}

export function noSuchModel(model) {
  return error(400, {
    errors: [{ code: 5007, message: `No such model ${model} or task` }],
    success: false,
    result: {},
    messages: [],
  });
}

export function jsonModeStreamed() {
  return error(400, {
    errors: [{ code: 5023, message: "JSON Mode is not supported with stream enabled" }],
    success: false,
    result: {},
    messages: [],
  });
}

export function jsonModeNotMet() {
  return error(424, {
    errors: [{ code: 5024, message: "JSON Mode couldn't be met" }],
    success: false,
    result: {},
    messages: [],
  });
}
