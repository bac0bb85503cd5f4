// What the scripts say: a line per step with the time it took, and one clear sentence where something is missing.

/** A problem of the reader's machine or project: printed as a sentence, without a stack. */
export class Problem extends Error {}

export const say = (line) => process.stderr.write(`${line}\n`);

/** Runs `work` as a step. The line comes at the end, since steps overlap; a slow step also says that it began. */
export async function step(name, work) {
  const started = Date.now();
  const announce = setTimeout(() => say(`  ...    ${name}`), 1500);
  try {
    const result = await work();
    say(`  ok     ${name} (${seconds(started)})`);
    return result;
  } catch (error) {
    say(`  failed ${name} (${seconds(started)})`);
    throw error;
  } finally {
    clearTimeout(announce);
  }
}

export const seconds = (started) => `${((Date.now() - started) / 1000).toFixed(1)} s`;

/**
 * The outermost frame of a script: problems become a sentence, with the exit status that they ask for, everything else
 * keeps its stack.
 */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what ended the script, and returns its exit status. */
export function report(error) {
  say(error instanceof Problem ? `\nerror: ${error.message}` : `\n${error?.stack ?? error}`);
  return error?.exitStatus ?? 1;
}
