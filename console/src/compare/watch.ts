// Both workflows of a comparison until they have ended. Asked now and then: what they write meanwhile is not shown.

import { useEffect, useState } from "preact/hooks";
import { status } from "../net/api";
import { ApiProblem } from "../net/problem";
import { isTerminal, type Status } from "../workflow/state";
import { FIELDS, type Pair, type Side } from "./comparison";

export type Watched =
  | { kind: "running"; ended: number; error: unknown }
  | { kind: "ended"; sides: [Side, Side] }
  /** One of them is not there, or may not be seen. */
  | { kind: "refused"; error: ApiProblem };

const ASK_MS = [700, 1000, 1500, 2000];

const ask = <T>(id: string, fields: string): Promise<T> => status(id, fields) as Promise<T>;

async function look(pair: Pair): Promise<Watched> {
  const found = await Promise.all(pair.map((id) => ask<{ status: Status }>(id, "status")));
  const ended = found.filter(({ status }) => isTerminal(status)).length;
  if (ended < pair.length) return { kind: "running", ended, error: null };
  const [a, b] = await Promise.all(pair.map((id) => ask<Side>(id, FIELDS)));
  return { kind: "ended", sides: [a as Side, b as Side] };
}

export function useWatched(pair: Pair): Watched {
  const [watched, setWatched] = useState<Watched>({ kind: "running", ended: 0, error: null });
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = async (asked: number) => {
      const next = await look(pair).catch((error): Watched => {
        const isFinal = error instanceof ApiProblem && (error.status === 404 || error.isAuth);
        return isFinal ? { kind: "refused", error } : { kind: "running", ended: 0, error };
      });
      if (left) return;
      setWatched(next);
      if (next.kind === "running") timer = setTimeout(() => void step(asked + 1), ASK_MS[asked] ?? ASK_MS.at(-1));
    };
    void step(0);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [pair.join()]);
  return watched;
}
