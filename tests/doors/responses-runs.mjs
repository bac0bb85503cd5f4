// Random runs of a workflow as its event stream shows them: the journal, and the reader's text in between. For tests of
// what a door makes of them. A run follows the rules of src/engine/show/answer.rs.

/** A random number generator with a seed. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (n) => Math.floor(next() * n),
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const WORDS = ["well", "name", "of each", "town", "🚰 and", "its", "wéll", "漢字", "ends here.", "\n\n"];

/**
 * A timeline of ticks: `{ event }` of the journal, or `{ text, settled }`, the reader's text from then on. `ends` are
 * the indexes of ticks with which a run ends, each with its STATUS. `isSafe`: no text that was settled ever changed.
 */
export function makeRun(seed, ways = ["follows", "edit", "review", "json", "fails"]) {
  const rng = random(seed);
  const way = rng.pick(ways);
  const ticks = [];
  const ends = [];
  let seq = 0;
  let isSafe = true;
  let state = { text: "", settled: 0 };
  const journal = (type, fields = {}) =>
    ticks.push({ event: { type, seq: ++seq, id: `${seq}-life`, at: AT, ...fields } });
  const show = (text, settled) => {
    state = { text, settled };
    ticks.push({ ...state });
  };
  const count = (text) => [...text].length;
  const prose = (words) => Array.from({ length: words }, () => rng.pick(WORDS)).join(" ");
  const pieces = (text) => {
    const list = [];
    for (let at = 0; at < count(text); ) {
      const end = Math.min(count(text), at + 1 + rng.below(12));
      list.push([...text].slice(at, end).join(""));
      at = end;
    }
    return list;
  };

  const options = {
    ...(way === "review" ? { review: "once" } : {}),
    ...(way === "json" ? { output_schema: { type: "object" } } : {}),
  };
  journal("workflow_queued", { spec: { id: "w", prompt: "Tell.", options, metadata: {} } });
  journal("workflow_started");
  const runs = rng.chance(0.15) ? 2 : 1;
  for (let run = 1; run <= runs; run += 1) {
    if (run > 1) {
      journal("workflow_restarted", { run });
      state = { text: "", settled: 0 };
    }
    const call = (step, number = 1) => ({ step, number, run });
    journal("attempt_started", call("plan"));
    journal("attempt_completed", { ...call("plan"), text: "{}" });
    const tasks = ["t1", "t2"].map((id) => ({ id, title: `Title of ${id}` }));
    journal("plan_accepted", { plan: { mode: "split", tasks } });
    for (const { id } of tasks) journal("attempt_started", call(`subtask/${id}`));
    for (const { id } of tasks) {
      if (rng.chance(0.2)) {
        journal("attempt_lost", call(`subtask/${id}`));
        journal("attempt_started", call(`subtask/${id}`, 2));
      }
      journal("attempt_completed", { ...call(`subtask/${id}`, rng.pick([1])), text: "part" });
    }

    const step = way === "edit" ? "edit/1" : "synthesis";
    const isOpen = way === "review" || way === "json";
    let kept = "";
    let number = 1;
    let result = null;
    while (result === null) {
      journal("attempt_started", call(step, number));
      const written = prose(2 + rng.below(12));
      const parts = pieces(written);
      const until = rng.chance(0.25) && number < 4 ? rng.below(parts.length + 1) : null;
      let text = kept;
      for (const piece of parts.slice(0, until ?? parts.length)) {
        text += piece;
        // The editor holds some of it back.
        const settled = isOpen ? 0 : way === "edit" ? Math.max(state.settled, count(text) - rng.below(9)) : count(text);
        show(text, settled);
      }
      const had = state.settled;
      if (until !== null) {
        journal(rng.pick(["attempt_lost", "attempt_errored"]), {
          ...call(step, number),
          retry_at: 1,
          error: { name: "X" },
        });
        if (had > count(kept)) isSafe = false;
        show(kept, isOpen ? 0 : count(kept));
        if (way === "fails" && rng.chance(0.6)) {
          journal("step_errored", { ...call(step), error: { message: "no" } });
          break;
        }
      } else if (way === "edit" && rng.chance(0.2)) {
        // The editor corrects what the answer has already.
        const at = rng.below(count(written));
        const corrected = `${[...text].slice(0, count(kept) + at).join("")}CORRECTED ${prose(3)}`;
        // Whether it was settled already can't be seen from the journal.
        isSafe = false;
        show(corrected, Math.min(state.settled, count(kept) + at));
        journal("attempt_completed", { ...call(step, number), text: "@answer\nlead\n@edit t1\n<<<<\n" });
        result = corrected;
      } else {
        const isTruncated = way === "follows" && rng.chance(0.2) && number < 4;
        journal("attempt_completed", { ...call(step, number), text: written, truncated: isTruncated });
        kept = text;
        if (!isTruncated) result = text;
      }
      number += 1;
    }

    if (result === null) {
      state = { text: "", settled: 0 };
      journal("workflow_errored", { error: { name: "Failed", message: "no" } });
      ends.push({ tick: ticks.length - 1, status: statusOf("errored") });
      continue;
    }
    if (way === "edit") journal("answer_assembled", {});
    let structured = null;
    if (way === "review") {
      journal("attempt_started", call("review/1"));
      if (rng.chance(0.3)) {
        journal("attempt_lost", call("review/1"));
        journal("attempt_started", call("review/1", 2));
      }
      if (rng.chance(0.2)) journal("step_errored", { ...call("review/1"), error: { message: "no" } });
      else {
        journal("answer_reviewed", {});
        result = `${result} REVIEWED`;
      }
    }
    if (way === "json") {
      journal("attempt_started", call("structure"));
      journal("attempt_completed", { ...call("structure"), text: "{}" });
      structured = { answer: result };
    }
    if (way !== "json" && state.text !== result) show(result, count(result));
    if (state.settled < count(result)) show(result, count(result));
    journal("workflow_completed");
    ends.push({ tick: ticks.length - 1, status: statusOf("complete", result, structured) });
  }
  return { seed, way, ticks, ends, isSafe };
}

const AT = "2026-11-27T12:00:00.000Z";

export const statusOf = (status, finalResult = null, structured = null) => ({
  status,
  error: status === "errored" ? { name: "Failed", message: "no" } : null,
  output: status === "complete" ? { finalResult, structured } : null,
  warnings: [],
  end: AT,
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});

/**
 * What a subscriber gets who comes after `tick`: `{ update, tick }` each, and in the end the STATUS. The text comes as
 * the core tells it: whole at first, before the last event of a workflow that has ended, and then as it changes.
 */
export function* subscribe(run, tick, rng) {
  const end = run.ends.find((each) => each.tick >= tick && each.tick === lastOfRun(run, tick));
  const past = run.ticks.slice(0, tick + 1);
  const events = past.filter(({ event }) => event);
  const isOver = end.tick === tick;
  const last = isOver ? events.pop() : null;
  for (const { event } of events) yield { update: event, tick };
  let known = textAt(past);
  if (known.text !== "") yield { update: { type: "answer", from: 0, ...known }, tick };
  if (last) yield { update: last.event, tick };
  for (let at = tick + 1; at <= end.tick; at += 1) {
    const { event, ...now } = run.ticks[at];
    if (event) {
      yield { update: event, tick: at };
      continue;
    }
    // Changes that come close together are told as one, but for the last.
    const isLast = run.ticks[at + 1]?.event !== undefined;
    if (!isLast && rng.chance(0.4)) continue;
    const old = [...known.text];
    const fresh = [...now.text];
    let from = 0;
    while (from < old.length && from < fresh.length && old[from] === fresh[from]) from += 1;
    yield { update: { type: "answer", from, text: fresh.slice(from).join(""), settled: now.settled }, tick: at };
    known = now;
  }
  return end.status;
}

function lastOfRun({ ends, ticks }, tick) {
  const end = ends.find((each) => each.tick >= tick);
  return end?.tick ?? ticks.length - 1;
}

function textAt(past) {
  const since = past.findLastIndex(({ event }) => event?.type === "workflow_restarted");
  const last = past.slice(since + 1).findLast(({ event }) => !event);
  return last ? { text: last.text, settled: last.settled } : { text: "", settled: 0 };
}
