// Chat completions of a Worker, as OpenAI's client asks for them, and what the tests of them share.

import assert from "node:assert/strict";
import OpenAI from "openai";
import { contract, direct } from "../emulators/answers.mjs";
import { text } from "../emulators/scripts.mjs";
import { assertDescribed, describedFetch } from "./described.mjs";
import { eventually } from "./eventually.mjs";
import { startWithOpenai } from "./worker.mjs";

export const ADA = "token-of-ada-0123456789abc";
export const BOB = "token-of-bob-0123456789abc";
const VARS = { API_TOKENS: `ada:${ADA},bob:${BOB}` };

export const user = (content) => ({ role: "user", content });
export const contentOf = (completion) => completion.choices[0].message.content;
export const kindsOf = (workflow) => workflow.calls().map(({ kind }) => kind);

/** Three parts, put together by an editor, and the answer that this gives. */
export const inParts = (call) => {
  if (call.step === "plan") return contract(["t1", "t2", "t3"]);
  return call.step === "subtask" ? text(`Answer of ${call.task}.`) : undefined;
};
export const IN_PARTS = "The final result.\n\nAnswer of t1.\n\nAnswer of t2.\n\nAnswer of t3.";

/** `{ content, reasoning, chunks, finish, error }` of a stream. */
export async function read(stream) {
  const chunks = [];
  let failure = null;
  try {
    for await (const chunk of await stream) chunks.push(chunk);
  } catch (caught) {
    failure = caught;
  }
  for (const chunk of chunks) assertDescribed("ChatChunk", chunk);
  const joined = (name) => chunks.map(({ choices: [choice] }) => choice?.delta[name] ?? "").join("");
  const finish = chunks.map(({ choices: [choice] }) => choice?.finish_reason).filter(Boolean);
  return { chunks, content: joined("content"), reasoning: joined("reasoning_content"), finish, error: failure };
}

/** The runs of a scripted workflow, as far as the list has heard of them. */
async function runsOf(api, workflow) {
  return (await api.get(`/workflows?q=${workflow.name}`)).json.workflows;
}

/** The only one, once the list has heard of it. */
export async function theRunOf(api, workflow) {
  const runs = await eventually("it is in the list", async () => {
    const found = await runsOf(api, workflow);
    return found.length > 0 && found;
  });
  assert.equal(runs.length, 1, "one run");
  return runs[0];
}

/** A Worker with two tokens, and the ways to ask it. */
export async function startChat() {
  const worker = await startWithOpenai({ token: ADA, vars: VARS });
  const { api, emulator } = worker;
  const baseURL = `${worker.url}/v1`;
  const openai = new OpenAI({ baseURL, apiKey: ADA, fetch: describedFetch });

  /** By OpenAI's client. */
  const ask = (workflow, fields = {}, options = {}) =>
    openai.chat.completions.create(
      { model: "orchestrator", messages: [user(workflow.prompt("Say it."))], ...fields },
      options,
    );

  /** A request by hand, for what no client sends. */
  async function post(body, headers = {}) {
    const response = await describedFetch(`${baseURL}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADA}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const json = await response.json();
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    return { status: response.status, headers: response.headers, json };
  }

  const inOneCall = (answer, options) =>
    emulator.workflow((call) => (call.step === "plan" ? direct() : text(answer, options)));

  return {
    worker,
    api,
    emulator,
    baseURL,
    openai,
    ask,
    post,
    runsOf: (workflow) => runsOf(api, workflow),
    theRunOf: (workflow) => theRunOf(api, workflow),
    inOneCall,
  };
}
