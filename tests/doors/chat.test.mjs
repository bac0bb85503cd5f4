// From a chat completion's request to a submission: what each field becomes, what is refused and in which words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHORES } from "../../src/doors/openai/chores.js";
import { read } from "../../src/doors/openai/read.js";
import { Refusal } from "../../src/doors/openai-common/errors.js";
import { Bound, wordsFor } from "../../src/doors/openai-common/length.js";

const user = (content) => ({ role: "user", content });
const assistant = (content) => ({ role: "assistant", content });
const asked = (fields) => read({ model: "orchestrator", messages: [user("Compare two databases.")], ...fields });
const refused = (fields, check) => assert.rejects(asked(fields), check);

/** The first lines of the templates, as the front ends' sources have them. Each is of a release that is in use. */
const TEMPLATES = [
  [
    "Open WebUI",
    "title",
    "### Task:\nGenerate a concise title summarizing the chat history.\n### Guidelines:\n- The title should clearly",
  ],
  [
    "Open WebUI",
    "title",
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n###",
  ],
  [
    "Open WebUI",
    "tags",
    "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history, along with 1-3 more",
  ],
  [
    "Open WebUI",
    "follow-ups",
    "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might naturally ask next in this",
  ],
  [
    "Open WebUI",
    "search",
    "### Task:\nAnalyze the chat history to determine the necessity of generating search queries, in the given",
  ],
  [
    "Open WebUI",
    "image",
    "### Task:\nGenerate a detailed prompt for am image generation task based on the given language and",
  ],
  [
    "Open WebUI",
    "autocomplete",
    "### Task:\nYou are an autocompletion system. Continue the text in `<text>` based on the **completion",
  ],
  [
    "Open WebUI",
    "emoji",
    "Your task is to reflect the speaker's likely facial expression through a fitting emoji. Interpret emotions",
  ],
  [
    "LibreChat",
    "title",
    "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only return",
  ],
  [
    "LibreChat",
    "title",
    "Provide a concise, 5-word-or-less title for the conversation, using its same language, with no",
  ],
  [
    "LibreChat",
    "title",
    "Analyze this conversation and provide:\n1. The detected language of the conversation\n2. A concise title",
  ],
  [
    "LibreChat",
    "title",
    "Please generate a concise title (max 40 characters) for a conversation that starts with:\nUser:",
  ],
];

for (const [of, what, text] of TEMPLATES)
  for (const model of ["orchestrator", "orchestrator-direct", "orchestrator-thorough"])
    test(`${of}'s ${what} (${text.split("\n").slice(-1)[0].slice(0, 40)}) is one call with ${model}`, async () => {
      const { chore, submission } = await asked({
        model,
        messages: [user(`\n${text}\n\n<chat_history>...</chat_history>`)],
      });
      assert.equal(chore?.of, of);
      assert.equal(chore?.what, what);
      assert.equal(submission.options.mode, "direct");
      assert.equal(submission.options.review, undefined);
      assert.match(submission.options.instructions, /bare JSON where it wants JSON/);
    });

test("each row of the table has its template here, and LibreChat's old title comes as a system message", async () => {
  const system =
    "Detect user language and write in the same language an extremely concise title for this conversation, ";
  const { chore, submission } = await asked({ messages: [{ role: "system", content: system }] });
  assert.equal(chore?.of, "LibreChat");
  assert.equal(submission.prompt, system);
  const seen = [...TEMPLATES.map(([, , text]) => text), system];
  for (const { opening } of CHORES)
    assert.ok(
      seen.some((text) => text.startsWith(opening)),
      opening,
    );
});

test("what a person writes about titles is no chore", async () => {
  for (const text of [
    "Generate a concise title summarizing the chat history.",
    "Explain this prompt: ### Task:\nGenerate a concise title summarizing the chat history.\n",
    "### Task:\nGenerate a concise title for my novel",
    // Open WebUI's wrapping of a message with documents.
    "### Task:\nRespond to the user query using the provided context, incorporating inline citations",
    "Provide a concise, 5-word-or-less title for my book",
  ])
    assert.equal((await asked({ messages: [user(text)] })).chore, null, text);
});

test("each model is a way to have a request answered", async () => {
  const way = async (model) => (await asked({ model })).submission.options;
  assert.deepEqual(await way("orchestrator"), { mode: "auto" });
  assert.deepEqual(await way("orchestrator-direct"), { mode: "direct" });
  assert.deepEqual(await way("orchestrator-thorough"), { mode: "split", review: "once" });
  await refused({ model: "gpt-5" }, (error) => error.status === 404 && error.code === "model_not_found");
  await refused({ model: "constructor" }, (error) => error.status === 404);
  await refused({ model: undefined }, (error) => error.status === 400 && error.param === "model");
});

test("the last message of the user is the prompt, the system's are instructions, the rest is history", async () => {
  const { submission } = await asked({
    messages: [
      { role: "system", content: "Be brief." },
      user("Which port?"),
      assistant("5432."),
      { role: "developer", content: [{ type: "text", text: "In German." }] },
      user([
        { type: "text", text: "And" },
        { type: "text", text: `${"why ".repeat(60)}?` },
      ]),
    ],
  });
  assert.equal(submission.prompt, `And\n\n${"why ".repeat(60)}?`);
  assert.equal(submission.options.instructions, "Be brief.\n\nIn German.");
  assert.deepEqual(submission.history, [{ request: "Which port?", answer: "5432." }]);
  assert.equal(submission.options.mode, "auto");
});

test("what tools had said to an earlier model is context too", async () => {
  const { submission } = await asked({
    messages: [
      user("Weather?"),
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "w", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "1", content: "Rain." },
      assistant("It rains."),
      user("Why?"),
    ],
  });
  assert.deepEqual(submission.history, [
    { request: "Weather?", answer: "(Called tools: w({}))\n\n(A tool's result: Rain.)\n\nIt rains." },
  ]);
});

test("a short follow-up goes the direct way with the big model, except where thoroughness was asked for", async () => {
  const messages = [user("Compare two databases."), assistant("..."), user("Shorter.")];
  const short = await asked({ messages });
  assert.equal(short.submission.options.mode, "direct");
  assert.equal(short.chore, null);
  const thorough = await asked({ model: "orchestrator-thorough", messages });
  assert.equal(thorough.submission.options.mode, "split");
  const long = await asked({ messages: [...messages.slice(0, 2), user("x".repeat(201))] });
  assert.equal(long.submission.options.mode, "auto");
  const first = await asked({ messages: [user("Shorter.")] });
  assert.equal(first.submission.options.mode, "auto");
});

test("a greeting of the assistant's makes no conversation, and a tool's result is not the user's", async () => {
  const greeted = await asked({
    messages: [
      { role: "assistant", content: "Hello! How can I help?" },
      { role: "user", content: "Compare three databases." },
    ],
  });
  assert.equal(greeted.submission.options.mode, "auto");
  const called = [
    { role: "user", content: "Weather?" },
    { role: "assistant", content: null, tool_calls: [{ id: "1", function: { name: "w", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "1", content: "Rain." },
  ];
  await assert.rejects(asked({ messages: called }), /the last message is a tool's result/);
  await assert.rejects(asked({ messages: called.slice(0, 2) }), /Continue Response/);
});

test("a long conversation loses its oldest turns, with a warning", async () => {
  const messages = Array.from({ length: 6 }, (_, index) => [user(`Question ${index}`), assistant("x".repeat(100_000))]);
  const { submission, warnings } = await asked({ messages: [...messages.flat(), user("And now?")] });
  assert.equal(submission.history.length, 2);
  assert.equal(submission.history[0].request, "Question 4");
  assert.match(warnings[0], /^The oldest 4 turns /);
});

test("instructions may have 32 KiB", async () => {
  const system = (content) => ({ messages: [{ role: "system", content }, user("Go.")] });
  assert.equal((await asked(system("x".repeat(32_768)))).submission.options.instructions.length, 32_768);
  await refused(
    system("ü".repeat(16_385)),
    (error) => error.status === 400 && /32768 bytes, not 32770/.test(error.message),
  );
});

test("messages that can't be answered are refused", async () => {
  for (const messages of [undefined, [], {}, [null], [user("")], [{ role: "robot", content: "x" }]])
    await refused({ messages }, (error) => error.status === 400 && error.param.startsWith("messages"));
  await refused({ messages: [user("Hi."), assistant("Hello, I")] }, /Continue Response/);
  await refused({ messages: [user("Hi."), { role: "assistant", audio: { id: "a" } }, user("Again.")] }, /is audio/);
  assert.equal((await asked({ messages: [user("Hi."), assistant("")] })).submission.prompt, "Hi.");
});

test("what can't be had is refused in words that say what to do, and in which front end", async () => {
  const tool = { type: "function", function: { name: "f", parameters: {} } };
  for (const [fields, param, words] of [
    [{ tools: [tool] }, "tools", /Open WebUI.*LibreChat.*Cursor.*\/mcp/],
    [{ tools: [tool], tool_choice: "auto" }, "tools", /"tool_choice": "none"/],
    [{ functions: [tool.function] }, "functions", /Open WebUI/],
    [{ tool_choice: "required" }, "tool_choice", /asks for a call/],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, "tool_choice", /Open WebUI/],
    [{ n: 2 }, "n", /leave out n/],
    [{ logprobs: true }, "logprobs", /several models/],
    [{ top_logprobs: 2 }, "logprobs", /several models/],
    [{ modalities: ["text", "audio"] }, "modalities", /\["text"\]/],
    [{ audio: { voice: "x", format: "wav" } }, "audio", /Open WebUI and LibreChat/],
    [{ prediction: { type: "content", content: "x" } }, "prediction", /Cursor/],
    [{ web_search_options: {} }, "web_search_options", /their own web search/],
  ])
    await refused(fields, (error) => {
      assert.equal(error.status, 400);
      assert.equal(error.param, param);
      assert.match(error.message, words);
      return true;
    });
});

test("what asks for nothing is ignored, and what means nothing here is named", async () => {
  const { submission, ignored } = await asked({
    tools: [],
    functions: [],
    tool_choice: "auto",
    n: 1,
    logprobs: false,
    top_logprobs: 0,
    modalities: ["text"],
    temperature: 0.2,
    top_p: 1,
    user: "u1",
    nonsense: true,
  });
  assert.deepEqual(submission.options, { mode: "auto" });
  assert.deepEqual(ignored, ["temperature", "top_p", "user", "nonsense"]);
  const tools = [{ type: "function", function: { name: "f" } }];
  await asked({ tools, tool_choice: "none" });
  await asked({ functions: [{ name: "f" }], function_call: "none" });
});

test("a format, a bound, and what is not to be stored", async () => {
  const schema = { type: "object" };
  const { submission, isJson, isStored, maxTokens } = await asked({
    response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema } },
    max_tokens: 10,
    max_completion_tokens: 1_000,
    store: false,
  });
  assert.deepEqual(submission.options, {
    mode: "auto",
    output_schema: schema,
    length: { max_words: 700 },
    retention_seconds: 3_600,
  });
  assert.equal(isJson, true);
  assert.equal(isStored, false);
  assert.equal(maxTokens, 1_000);
  await refused({ max_tokens: 0 }, (error) => error.param === "max_tokens");
  await refused({ stream: "yes" }, (error) => error.param === "stream");
  assert.equal((await asked({ store: true })).submission.options.retention_seconds, undefined);
});

test("a bound of tokens asks for fewer words where it is tight, and is never a wish for more", () => {
  assert.equal(wordsFor(undefined), undefined);
  assert.equal(wordsFor(8_192), undefined);
  assert.deepEqual(wordsFor(2_000), { max_words: 1_400 });
  assert.deepEqual(wordsFor(1), { max_words: 50 });
});

test("the visible answer ends at its bound, between characters", () => {
  const bound = new Bound(2);
  assert.equal(bound.take("abcde"), "abcde");
  assert.equal(bound.isReached, false);
  assert.equal(bound.take("xüü"), "xü");
  assert.equal(bound.isReached, true);
  assert.equal(bound.take("more"), "");
  const exact = new Bound(1);
  assert.equal(exact.take("1234"), "1234");
  assert.equal(exact.isReached, false);
});

test("the label is the same for the same request, streamed or not, and another for any other", async () => {
  const label = async (fields) => (await asked(fields)).submission.metadata["openai-request"];
  const one = await label({ metadata: { team: "shop" } });
  assert.equal(await label({ stream: true, stream_options: { include_usage: true }, metadata: { team: "shop" } }), one);
  assert.notEqual(await label({ metadata: { team: "other" } }), one);
  assert.equal((await asked({ metadata: { team: "shop" } })).submission.metadata.team, "shop");
});

/** Each place of a request, and a request with an odd value there. */
const PLACES = {
  ...Object.fromEntries(
    ["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "response_format"]
      .concat(["store", "metadata", "tools", "tool_choice", "functions", "function_call", "n", "logprobs"])
      .concat(["top_logprobs", "modalities", "audio", "prediction", "web_search_options", "nonsense"])
      .map((name) => [name, (value) => ({ [name]: value })]),
  ),
  message: (value) => ({ messages: [value, user("Go.")] }),
  role: (value) => ({ messages: [{ role: value, content: "x" }, user("Go.")] }),
  content: (value) => ({ messages: [user(value)] }),
  part: (value) => ({ messages: [user([value])] }),
  text: (value) => ({ messages: [user([{ type: "text", text: value }])] }),
  tool_calls: (value) => ({ messages: [{ role: "assistant", content: null, tool_calls: value }, user("Go.")] }),
  tool_call: (value) => ({ messages: [{ role: "assistant", content: "", tool_calls: [value] }, user("Go.")] }),
  refusal: (value) => ({ messages: [{ role: "assistant", refusal: value }, user("Go.")] }),
  format: (value) => ({ response_format: { type: value } }),
  json_schema: (value) => ({ response_format: { type: "json_schema", json_schema: value } }),
  schema: (value) => ({ response_format: { type: "json_schema", json_schema: { schema: value } } }),
  label: (value) => ({ metadata: { team: value } }),
};
const ODD = [0, -1, 1.5, "", "x", true, false, [], [[]], [null], {}, { type: {} }, { type: "text" }, { a: [1] }, null];

test("odd values in every place are taken or refused, and never our fault", async () => {
  let refusals = 0;
  for (const [place, request] of Object.entries(PLACES))
    for (const value of ODD)
      try {
        // What is null is absent, by readObject.
        const given = Object.entries(request(value)).filter(([, field]) => field !== null);
        const { submission } = await asked(Object.fromEntries(given));
        assert.equal(typeof submission.prompt, "string", `${place}: ${JSON.stringify(value)}`);
      } catch (error) {
        assert.ok(error instanceof Refusal, `${place}: ${JSON.stringify(value)}: ${error.stack}`);
        assert.ok([400, 404].includes(error.status) && error.param !== undefined);
        refusals += 1;
      }
  assert.ok(refusals > 100, `${refusals}`);
});
