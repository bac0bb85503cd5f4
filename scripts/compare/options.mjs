// The command line of `npm run compare`, and of `compare` in the package.

import { bodyOf, Failure, flag, parse, serverUrl, submissionFlags, text } from "../ask/options.mjs";
import { commands } from "../lib/command.mjs";

/** What is compared is the mode; a workflow of a given id is one; and nobody is asked for a plan. */
const NOT_HERE = ["id", "mode", "approval"];

export function help() {
  const { compare, quietCompare } = commands();
  return `Usage: ${compare} [options] "your prompt"

Has the request answered twice at the same time: by one call of the big model (mode direct), and as the product comes
(mode auto). Shows both answers as A and B, in random order, and asks which one you would send. Then it tells which is
which, and what each took.

  --url URL              the server (ORCHESTRATOR_URL; http://localhost:8787)
  --token TOKEN          the API token (ORCHESTRATOR_TOKEN)
  --json                 print both answers with their names as JSON, and ask nothing; for use without a terminal
  --help                 show this

Other options are those of ask and go to both:
${flagsOf()}.

A "-" in the prompt stands for the text on standard input, which goes with --json only.
As a file${compare === quietCompare ? "" : ", with npm silenced"}: ${quietCompare} --json "..." > both.json

Exit codes: 0 both are answered, 1 one of them is not, 2 wrong usage, 3 the server can't be reached or refuses, 130
Ctrl+C.
`;
}

/** In lines of a terminal's width. */
const flagsOf = () =>
  Object.keys(submissionFlags(NOT_HERE))
    .map((name) => `--${name}`)
    .reduce((lines, name) => {
      const end = lines.slice(lines.lastIndexOf("\n") + 1);
      return `${lines},${end.length + name.length < 116 ? " " : "\n"}${name}`;
    });

/** `{ url, token, words, json, help, body }`, where `body` is a submission without its prompt and its mode. */
export function parseCommandLine(args, environment) {
  const { values, positionals } = parse(args, commands().compare, {
    ...submissionFlags(NOT_HERE),
    url: text,
    token: text,
    json: flag,
    help: { ...flag, short: "h" },
  });
  if (values.token === "") throw new Failure(2, "--token takes a token.");
  return {
    url: serverUrl(values.url ?? (environment.ORCHESTRATOR_URL || "http://localhost:8787")),
    token: values.token ?? environment.ORCHESTRATOR_TOKEN,
    words: positionals,
    json: values.json,
    help: values.help,
    body: bodyOf(values),
  };
}
