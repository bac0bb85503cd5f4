// What the parts of a workflow's page share: the workflow that is watched, and what was asked of it.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { createStore, useStore } from "../lib/store";
import { type Action, doing, type Place } from "../net/action";
import type { ControlName } from "../net/api";
import type { LiveWorkflow } from "../net/live";

export const Live = createContext<LiveWorkflow | null>(null);

/** Whether there is a panel with an answer on the page, which the keyboard can skip to. */
export const inspected = createStore(false);

const NOTHING = createStore<Action | null>(null);

/**
 * The controls as one place of the page has them: all wait while one is on its way, and an error is told where it was
 * asked.
 */
export function useControls(place: Place) {
  const live = useContext(Live);
  const action = useStore(live?.action ?? NOTHING);
  const busy = doing(action);
  return {
    /** What is being done, in words, from the click until its effect is seen. Null where nothing is. */
    busy: action?.place === place ? busy : null,
    disabled: busy !== null,
    error: action?.kind === "refused" && action.place === place ? action.error : null,
    dismiss: () => live?.dismiss(),
    act: (name: ControlName, body?: unknown) => live?.act(name, place, body) ?? Promise.resolve(false),
  };
}
