import { useEffect, useRef, useState } from "preact/hooks";
import { Glyph } from "./icons";

export interface MenuItem {
  label: string;
  hint?: string;
  danger?: boolean;
  action: () => void;
}

interface Props {
  label: string;
  items: MenuItem[];
  disabled?: boolean;
  /** Three dots instead of the label: for one of many rows. */
  compact?: boolean;
}

/** A button that opens a list of buttons. Escape and a click elsewhere close it; arrows move within it. */
export function Menu({ label, items, disabled, compact }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const buttons = () => [...(root.current?.querySelectorAll<HTMLButtonElement>(".menu-list button") ?? [])];
  useEffect(() => {
    if (!open) return;
    buttons()[0]?.focus();
    const outside = (event: Event) => !root.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLButtonElement>("button")?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (!open) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
    else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <div class="menu" ref={root} onKeyDown={keys}>
      <button
        type="button"
        class={compact ? "button quiet tiny" : "button"}
        disabled={disabled}
        aria-expanded={open}
        aria-label={compact ? label : undefined}
        onClick={() => setOpen(!open)}
      >
        {!compact && label}
        <Glyph name={compact ? "dots" : "chevron"} size={14} />
      </button>
      {open && (
        <ul class="menu-list" aria-label={label}>
          {items.map((item) => (
            <li key={item.label}>
              <button
                type="button"
                class={item.danger ? "danger" : ""}
                onClick={() => {
                  close();
                  item.action();
                }}
              >
                {item.label}
                {item.hint && <small>{item.hint}</small>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
