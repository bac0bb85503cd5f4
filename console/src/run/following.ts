import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isTerminal, type Workflow } from "../workflow/state";

/**
 * What does not fit into its frame scrolls along with the run, until somebody scrolls. `placeOf` tells where a step is
 * within the frame; it is asked again when one of `inputs` changes.
 */
export function useFollowing(
  frame: RefObject<HTMLElement | null>,
  workflow: Workflow,
  placeOf: (name: string) => { x: number; y: number } | null,
  inputs: unknown[],
): void {
  const untouched = useRef(true);
  useEffect(() => {
    const touched = () => {
      untouched.current = false;
    };
    const element = frame.current;
    for (const name of ["wheel", "pointerdown", "keydown"]) element?.addEventListener(name, touched, { passive: true });
    return () => {
      for (const name of ["wheel", "pointerdown", "keydown"]) element?.removeEventListener(name, touched);
    };
  }, []);
  const running = isTerminal(workflow.status)
    ? undefined
    : workflow.steps.find((step) => step.state === "running")?.name;
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || !running || !untouched.current) return;
    const place = placeOf(running);
    if (!place) return;
    const [left, top] = [place.x - element.clientWidth / 3, place.y - element.clientHeight / 2];
    element.scrollTo({ left: Math.max(0, left), top: Math.max(0, top) });
  }, [running, ...inputs]);
}
