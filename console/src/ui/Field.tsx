import type { ComponentChildren } from "preact";

/** What a control takes over, so that its label and what is wrong with it belong to it. */
export interface FieldAttributes {
  id: string;
  "aria-invalid"?: "true";
  "aria-describedby"?: string;
}

/** A label, a control, and what is wrong with what it holds. */
export function Field({
  id,
  label,
  fault,
  hint,
  wide,
  children,
}: {
  id: string;
  label: string;
  fault?: string | null;
  /** What one should know before. */
  hint?: string;
  wide?: boolean;
  children: (attributes: FieldAttributes) => ComponentChildren;
}) {
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class={`field${wide ? " wide" : ""}`}>
      <label for={id}>{label}</label>
      {hint && (
        <p class="muted hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        ...(fault ? { "aria-invalid": "true" } : {}),
        ...(described ? { "aria-describedby": described } : {}),
      })}
      {fault && <Fault id={id} text={fault} />}
    </div>
  );
}

export const Fault = ({ id, text }: { id: string; text: string }) => (
  <p class="fault" id={`${id}-fault`} role="alert">
    {text}
  </p>
);
