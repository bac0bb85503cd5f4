import type { ComponentChildren } from "preact";
import { wordsFor } from "../net/problem";
import type { Tone } from "../workflow/state";
import { Glyph, StateIcon } from "./icons";

/** Something that a person should know, where it happened. */
export function Notice({
  tone,
  title,
  children,
  alert,
  onClose,
}: {
  tone: Tone;
  title: ComponentChildren;
  children?: ComponentChildren;
  alert?: boolean;
  onClose?: () => void;
}) {
  return (
    <div class={`notice tone-${tone}`} role={alert ? "alert" : undefined}>
      <StateIcon name={tone} />
      <div>
        <p class="notice-title">{title}</p>
        {children && (
          <div class="notice-detail">
            {children}
            {onClose && (
              <button type="button" class="button quiet tiny dismiss" aria-label="Close the message" onClick={onClose}>
                <Glyph name="close" size={14} />
              </button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

export function ErrorNotice({ error, onClose }: { error: unknown; onClose?: () => void }) {
  const { title, detail } = wordsFor(error);
  return (
    <Notice tone="bad" title={title} alert onClose={onClose}>
      {detail}
    </Notice>
  );
}
