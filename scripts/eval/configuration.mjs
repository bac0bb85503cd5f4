// What an eval is of. Results go on only where nothing of it has changed; what has is told.

import { programOf, programsOfEval } from "./programs.mjs";
import { promptsOfCheckout } from "./prompts.mjs";
import { sha256 } from "./requests.mjs";

/** The first line of results has all of it. */
export async function configurationOf({ url, samples, judge }, { requests, arms, about }) {
  const configuration = {
    url,
    deployment: about,
    prompts: promptsOfCheckout(),
    programs: programsOfEval(),
    requests: await Promise.all(requests.map(factsOf)),
    arms,
    samples,
    judge: judge && { url: judge.url, model: judge.model },
  };
  return { fingerprint: sha256(JSON.stringify(configuration)), ...configuration };
}

async function factsOf({ id, kind, language, shape, held_out, max_words = null, check = null, checkFile, ...asked }) {
  const program = await programOf({ check, checkFile });
  return { id, kind, language, shape, held_out, max_words, check, program, sha256: sha256(JSON.stringify(asked)) };
}

/** What the command line says: whoever gives the same one again wants to go on. */
export function isSameCommand(one, other) {
  const command = ({ url, arms, samples, judge, requests }) =>
    JSON.stringify([url, arms, samples, judge, requests.map(({ id }) => id)]);
  return command(one) === command(other);
}

/** What has changed between two configurations of the same command, in words. */
export function changesBetween(before, now) {
  const differ = (one, other) => JSON.stringify(one) !== JSON.stringify(other);
  const asked = ({ program, ...others }) => others;
  const pairs = now.requests.map((request, index) => [before.requests[index], request]);
  const requests = pairs.filter(([old, request]) => differ(asked(old), asked(request)));
  const checks = pairs.filter(([old, request]) => old.program !== request.program && request.check);
  return [
    ...(differ(before.deployment, now.deployment) ? ["the deployment's version or models"] : []),
    ...(differ(before.prompts, now.prompts) ? ["the prompts of this checkout"] : []),
    ...Object.keys(now.programs).filter((name) => before.programs?.[name] !== now.programs[name]),
    ...requests.map(([, { id }]) => `the request ${id}`),
    ...checks.map(([, { check }]) => `the check ${check}`),
  ];
}
