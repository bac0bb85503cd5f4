// Plans that are being edited, by workflow, life and run: whatever else the page shows meanwhile, and over a reload.

import { session } from "../lib/storage";
import { createStore, type Store } from "../lib/store";
import { lifeOf, type Workflow } from "../workflow/state";
import { begun, type Contract, contractOf, type PlanEdit } from "./plan";

/** The last letter is the version of what is kept. */
const KEY = "orchestrator.plan.b";
const stores = new Map<string, Store<PlanEdit>>();

const keyOf = (id: string, { lastEventId, run }: Workflow): string => `${KEY} ${id} ${lifeOf(lastEventId)} ${run}`;

/** The draft of the plan that waits; what was planned where nobody has edited it. */
export function planDraft(id: string, workflow: Workflow): Store<PlanEdit> {
  const key = keyOf(id, workflow);
  const known = stores.get(key);
  if (known) return known;
  const planned = contractOf(workflow.plan);
  const saved = savedUnder(key);
  const store = createStore<PlanEdit>(saved ? { ...begun(saved), past: [planned] } : begun(planned));
  store.watch(() => {
    const { plan } = store.get();
    session.set(key, JSON.stringify(plan) === JSON.stringify(planned) ? null : JSON.stringify(plan));
  });
  stores.set(key, store);
  return store;
}

function savedUnder(key: string): Contract | null {
  try {
    return JSON.parse(session.get(key) ?? "null");
  } catch {
    return null;
  }
}

/** It was approved as it is. The page shows it until the server's word comes. */
export const dropPlanDraft = (id: string, workflow: Workflow): void => session.set(keyOf(id, workflow), null);

/** Whether somebody edited the plan here that was approved without: by another page, or another client. */
export function leftBehind(id: string, workflow: Workflow): Contract | null {
  return workflow.approved ? savedUnder(keyOf(id, workflow)) : null;
}
