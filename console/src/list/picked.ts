// Which entries of the list are selected. Pure.

export interface Picked {
  ids: ReadonlySet<string>;
  /** The one that was clicked last: a range begins there. */
  anchor: string | null;
}

export const NONE: Picked = { ids: new Set(), anchor: null };

/** After a click on an entry. `isRange`: all between the last click and this one become what this one becomes. */
export function toggled({ ids, anchor }: Picked, id: string, shown: string[], isRange: boolean): Picked {
  const next = new Set(ids);
  const isOn = !ids.has(id);
  const [from, to] = [shown.indexOf(anchor ?? id), shown.indexOf(id)];
  const range = isRange && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  for (const one of range) {
    if (isOn) next.add(one);
    else next.delete(one);
  }
  return { ids: next, anchor: id };
}

/** All that are shown, or none where all of them were. */
export const allToggled = ({ ids }: Picked, shown: string[]): Picked =>
  shown.every((id) => ids.has(id)) ? NONE : { ids: new Set(shown), anchor: null };

/** Without those that are not shown any more. */
export function within(picked: Picked, shown: string[]): Picked {
  const still = shown.filter((id) => picked.ids.has(id));
  if (still.length === picked.ids.size) return picked;
  return { ids: new Set(still), anchor: picked.anchor };
}
