// The service behind workerd's own `AI` binding. Miniflare's remote proxy sends it what the binding would send to
// Cloudflare: the real URL in `mf-url`, the real headers as `mf-header-*`. Every call is recorded and checked; tests
// script the replies.

import { Emulator } from "./emulator.mjs";
import { problemsOf } from "./workers-ai-checks.mjs";
import { jsonModeStreamed } from "./workers-ai-errors.mjs";
import { familyOf, frames, whole } from "./workers-ai-wire.mjs";

export async function startWorkersAi({ port = 0 } = {}) {
  return new Emulator(serve).listen(port);
}

async function serve(request, text, response, emulator) {
  const url = new URL(request.headers["mf-url"] ?? "about:blank");
  const { inputs = {}, options = {} } = JSON.parse(text);
  const call = {
    model: request.headers["mf-header-cf-consn-model-id"] ?? "",
    messages: inputs.messages ?? [],
    schema: inputs.response_format?.json_schema,
    body: inputs,
    options,
    headers: request.headers,
    path: url.pathname,
  };
  if (url.host !== "workers-binding.ai") emulator.violate(`called ${url}`);
  const gateway = options.gateway?.id;
  if (url.pathname !== (gateway ? "/ai-gateway/run" : "/run"))
    emulator.violate(`path ${url.pathname} with gateway ${gateway}`);
  const stream = inputs.stream === true;
  await emulator.perform(call, response, {
    stream,
    frames: (script) => frames(call, script),
    whole: (script) => whole(call, script),
    problems: problemsOf,
    // The native family knows JSON mode only without a stream, whatever the test scripted.
    refusal: () => (call.schema && stream && familyOf(call.model) === "native" ? jsonModeStreamed() : null),
  });
}
