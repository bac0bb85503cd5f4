import { useCallback, useRef } from "preact/hooks";

/** The same function at each call, which calls the newest one. */
export function useSteady(call: (name: string) => void): (name: string) => void {
  const newest = useRef(call);
  newest.current = call;
  return useCallback((name) => newest.current(name), []);
}
