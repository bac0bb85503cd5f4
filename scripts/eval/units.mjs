// What an eval consists of: the answers, the programs on them, the verdicts, the judge's controls. Pure.

import { pairsOf } from "./arms.mjs";
import { CONTROLS } from "./controls.mjs";
import { keyOf } from "./results.mjs";

export const ORDERS = [1, 2];

/** All units of a run (the first line of its results), as `{ kind, ...key }`. */
export function unitsOf({ requests, arms, samples, judge }) {
  /** @type {Record<string, any>[]} */
  const units = judge ? CONTROLS.flatMap(({ id }) => ORDERS.map((order) => ({ kind: "control", id, order }))) : [];
  for (let sample = 1; sample <= samples; sample++)
    for (const { id: request, check } of requests) {
      for (const arm of arms) {
        units.push({ kind: "answer", request, arm, sample });
        if (check) units.push({ kind: "checks", request, arm, sample });
      }
      if (!judge) continue;
      for (const pair of pairsOf(arms))
        for (const order of ORDERS) units.push({ kind: "verdict", request, pair: pair.join(":"), sample, order });
    }
  return units;
}

/** Those that are still to be made. An arm without an answer needs neither a program nor a judge. */
export function missing(run, entries) {
  const failed = (unit, arm) => entries.get(keyOf.answer({ ...unit, arm }))?.error;
  return unitsOf(run).filter((unit) => {
    if (entries.has(keyOf[unit.kind](unit))) return false;
    if (unit.kind === "checks") return !failed(unit, unit.arm);
    if (unit.kind === "verdict") return !unit.pair.split(":").some((arm) => failed(unit, arm));
    return true;
  });
}

export function nameOf({ kind, id, request, pair, arm, sample, order }) {
  const inOrder = order ? `, order ${order}` : "";
  if (kind === "control") return `control ${id}${inOrder}`;
  return `${kind} ${pair ?? arm} of ${request}${sample > 1 ? ` #${sample}` : ""}${inOrder}`;
}
