// OpenAI's chat completions: `GET /v1/models`, `POST /v1/chat/completions`. A request is a workflow, whose id and URL
// stand in the answer's headers, so that whatever becomes of the connection, the run can be found.

import { ofResponse, Refusal, refusalOf } from "../openai-common/errors.js";
import { listed, model } from "../openai-common/models.js";
import { chat } from "./chat.js";

const MODELS = "/v1/models";
const CHAT = "/v1/chat/completions";

/** Of the same protocol, and asked for by its clients. */
const ABSENT = {
  "/v1/completions":
    "there are no plain completions here: use /v1/chat/completions. Continue, Cursor: another model for Tab",
  "/v1/embeddings": "there are no embeddings here. Open WebUI and LibreChat: choose another engine for documents (RAG)",
};

const ELSEWHERE = "there are /v1/models, /v1/chat/completions and /v1/responses here, and nothing else below /v1";

/** Where the fields of our own submissions come from. */
const PLACES = {
  prompt: "messages",
  history: "messages",
  metadata: "metadata",
  "options.instructions": "messages",
  "options.output_schema": "response_format",
};

/** @type {import("../index.js").Door} */
export const openai = {
  async fetch(request, inside) {
    try {
      const access = await inside.access();
      if (access instanceof Response) throw await ofResponse(access);
      return await answer(request, inside);
    } catch (error) {
      return refusalOf(error, PLACES).response();
    }
  },
};

async function answer(request, inside) {
  const { pathname } = new URL(request.url);
  if (Object.hasOwn(ABSENT, pathname)) throw new Refusal(404, ABSENT[pathname], { code: "unknown_url" });
  if (pathname !== CHAT && pathname !== MODELS && !pathname.startsWith(`${MODELS}/`))
    throw new Refusal(404, ELSEWHERE, { code: "unknown_url" });
  const isChat = pathname === CHAT;
  const allowed = isChat ? ["POST"] : ["GET", "HEAD"];
  if (!allowed.includes(request.method))
    throw new Refusal(405, `${pathname} takes ${allowed[0]}`, {
      code: "method_not_allowed",
      headers: { allow: [...allowed, "OPTIONS"].join(", ") },
    });
  if (isChat) return chat(request, inside);
  if (pathname === MODELS) return json(listed());
  const id = pathname.slice(MODELS.length + 1);
  const found = model(id);
  if (found === null) throw new Refusal(404, `there is no model ${id}`, { code: "model_not_found", param: "model" });
  return json(found);
}

const HEADERS = { "cache-control": "private, no-cache", "x-content-type-options": "nosniff" };
const json = (value) => Response.json(value, { headers: HEADERS });
