import type { ComponentChildren } from "preact";
import { wordsFor } from "../net/problem";
import type { Tone } from "../workflow/state";
import { StateIcon } from "./icons";

/** Something that a person should know, where it happened. */
export function Notice({
  tone,
  title,
  children,
  alert,
}: {
  tone: Tone;
  title: ComponentChildren;
  children?: ComponentChildren;
  alert?: boolean;
}) {
  return (
    <div class={`notice tone-${tone}`} role={alert ? "alert" : undefined}>
      <StateIcon name={tone} />
      <div>
        <p class="notice-title">{title}</p>
        {children && <div class="notice-detail">{children}</div>}
      </div>
    </div>
  );
}

export function ErrorNotice({ error }: { error: unknown }) {
  const { title, detail } = wordsFor(error);
  return (
    <Notice tone="bad" title={title} alert>
      {detail}
    </Notice>
  );
}
