// What a tab says that is not looked at: its title and its icon.

const NAME = "Orchestrator Workers";

const link = (): HTMLLinkElement | null => document.querySelector('link[rel="icon"]');
let plain: string | null = null;

/** `icon`: one of those that the build makes beside the plain one (scripts/build/icons.mjs); null for that one. */
export function showInTab(title: string | null, icon: string | null): void {
  const text = title === null ? NAME : `${title} · ${NAME}`;
  if (document.title !== text) document.title = text;
  const element = link();
  if (!element) return;
  plain ??= element.getAttribute("href") ?? "";
  const href = icon ? plain.replace("/icon.", `/icon-${icon}.`) : plain;
  if (element.getAttribute("href") !== href) element.setAttribute("href", href);
}
