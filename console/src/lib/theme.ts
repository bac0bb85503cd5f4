// Light, dark, or as the system has it.

import { local } from "./storage";
import { createStore } from "./store";

export type Theme = "system" | "light" | "dark";
const KEY = "orchestrator.theme";
const THEMES: Theme[] = ["system", "light", "dark"];

const saved = local.get(KEY) as Theme | null;
export const theme = createStore<Theme>(saved && THEMES.includes(saved) ? saved : "system");

export function applyTheme(): void {
  const value = theme.get();
  if (value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
}

export function nextTheme(): void {
  const next = THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length] ?? "system";
  theme.set(next);
  local.set(KEY, next === "system" ? null : next);
  applyTheme();
}
