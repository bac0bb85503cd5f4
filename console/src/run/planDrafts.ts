// Plans that are being edited, by workflow, life and run: whatever else the page shows meanwhile, and over a reload.

import { session } from "../lib/storage";
import { createStore, type Store } from "../lib/store";
import type { PlannedTask } from "../workflow/events";
import { lifeOf, type Workflow } from "../workflow/state";
import { begun, type PlanEdit } from "./plan";

const KEY = "orchestrator.plan";
const stores = new Map<string, Store<PlanEdit>>();

const keyOf = (id: string, { lastEventId, run }: Workflow): string => `${KEY} ${id} ${lifeOf(lastEventId)} ${run}`;

/** The draft of the plan that waits; what was planned where nobody has edited it. */
export function planDraft(id: string, workflow: Workflow): Store<PlanEdit> {
  const key = keyOf(id, workflow);
  const known = stores.get(key);
  if (known) return known;
  const planned = workflow.plan?.tasks ?? [];
  const saved = savedUnder(key);
  const store = createStore<PlanEdit>(saved ? { ...begun(saved), past: [planned] } : begun(planned));
  store.watch(() => {
    const { tasks } = store.get();
    session.set(key, JSON.stringify(tasks) === JSON.stringify(planned) ? null : JSON.stringify(tasks));
  });
  stores.set(key, store);
  return store;
}

function savedUnder(key: string): PlannedTask[] | null {
  try {
    return JSON.parse(session.get(key) ?? "null");
  } catch {
    return null;
  }
}

/** It was approved as it is. The page shows it until the server's word comes. */
export const dropPlanDraft = (id: string, workflow: Workflow): void => session.set(keyOf(id, workflow), null);

/** Whether somebody edited the plan here that was approved without: by another page, or another client. */
export function leftBehind(id: string, workflow: Workflow): PlannedTask[] | null {
  return workflow.approved ? savedUnder(keyOf(id, workflow)) : null;
}
