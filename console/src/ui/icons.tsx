// Every state has a shape of its own: colour alone says nothing to many people.

import type { Status, StepState } from "../workflow/state";

export type IconName = StepState | Status | "lost" | "info" | "warn" | "bad" | "good" | "stopped";

const PATHS: Record<string, string> = {
  check: "M4.8 8.3l2.2 2.2 4.3-4.6",
  cross: "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
  bang: "M8 4.6v4.2M8 11.1v.2",
  slash: "M5 11l6-6",
  bars: "M6.4 5.6v4.8M9.6 5.6v4.8",
  square: "M6 6h4v4H6z",
  hand: "M8 4.8v3.4l2.2 1.3",
  info: "M8 7.4v3.6M8 5v.2",
  retry: "M11.2 6.2A3.7 3.7 0 1 0 11.7 9M11.6 4.2v2.3H9.3",
};

const SHAPES: Record<IconName, { path?: string; ring: "solid" | "dashed" | "none" | "full"; tone: string }> = {
  pending: { ring: "dashed", tone: "muted" },
  queued: { ring: "dashed", tone: "muted" },
  running: { ring: "none", tone: "run" },
  retrying: { ring: "none", path: "retry", tone: "warn" },
  complete: { ring: "full", path: "check", tone: "good" },
  good: { ring: "full", path: "check", tone: "good" },
  errored: { ring: "full", path: "cross", tone: "bad" },
  bad: { ring: "full", path: "cross", tone: "bad" },
  skipped: { ring: "solid", path: "slash", tone: "muted" },
  lost: { ring: "solid", path: "retry", tone: "warn" },
  warn: { ring: "solid", path: "bang", tone: "warn" },
  info: { ring: "solid", path: "info", tone: "muted" },
  waiting: { ring: "solid", path: "hand", tone: "warn" },
  waitingForPause: { ring: "dashed", path: "bars", tone: "muted" },
  paused: { ring: "solid", path: "bars", tone: "muted" },
  terminated: { ring: "solid", path: "square", tone: "muted" },
  stopped: { ring: "solid", path: "square", tone: "muted" },
};

export function StateIcon({ name, size = 16 }: { name: IconName; size?: number }) {
  const { path, ring, tone } = SHAPES[name];
  return (
    <svg
      class={`icon tone-${tone}${name === "running" ? " spins" : ""}`}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {name === "running" && <circle cx="8" cy="8" r="5.6" class="track" />}
      {name === "running" && <path d="M8 2.4a5.6 5.6 0 0 1 5.6 5.6" class="line" />}
      {ring === "full" && <circle cx="8" cy="8" r="6.6" class="fill" />}
      {(ring === "solid" || ring === "dashed") && <circle cx="8" cy="8" r="5.9" class={`line ${ring}`} />}
      {path && <path d={PATHS[path]} class={ring === "full" ? "on-fill" : "line"} />}
    </svg>
  );
}

const GLYPHS = {
  sun:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4" +
    "M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  moon: "M13 9.6A5.6 5.6 0 1 1 6.4 3a4.5 4.5 0 0 0 6.6 6.6z",
  screen: "M2 3.2h12v7.6H2zM6 13.4h4M8 10.8v2.6",
  key: "M9.8 9.2a3.3 3.3 0 1 0-3-3L2.2 10.800v3h3v-1.600h1.600v-1.600h1.600z",
  copy: "M5.500 5.500h7.500v7.500h-7.500zM3 10.500v-7.500h7.500",
  download: "M8 2.500v7.500M4.800 7.200L8 10.400l3.200-3.200M3 13.300h10",
  plus: "M8 3.500v9M3.500 8h9",
  minus: "M3.500 8h9",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  list: "M2.500 4h1M6 4h7.500M2.500 8h1M6 8h7.500M2.500 12h1M6 12h7.500",
  graph: "M2 6.500h3.500v3H2zM10.500 2.500H14v3h-3.500zM10.500 10.500H14v3h-3.500zM5.500 8h2.500V4h2.500M8 8v4h2.500",
  chevron: "M4.500 6.300L8 9.800l3.500-3.500",
  trash: "M3 4.500h10M6.300 4.500V3h3.400v1.500M4.300 4.500l.6 8.500h6.200l.6-8.500",
  play: "M5.500 3.500l7 4.500-7 4.500z",
  expand: "M9.500 2.500h4v4M6.500 13.500h-4v-4M13.500 2.500l-5 5M2.500 13.500l5-5",
  close: "M4 4l8 8M12 4l-8 8",
  dots: "M3 7.500h.5v1H3zM7.700 7.500h.6v1h-.6zM12.500 7.500h.5v1h-.5z",
  up: "M8 13V3.500M4 7.200L8 3.200l4 4",
} as const;

export function Glyph({ name, size = 16 }: { name: keyof typeof GLYPHS; size?: number }) {
  return (
    <svg class="glyph" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={GLYPHS[name]} />
    </svg>
  );
}
