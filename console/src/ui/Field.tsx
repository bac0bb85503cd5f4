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
  wide,
  children,
}: {
  id: string;
  label: string;
  fault?: string | null;
  wide?: boolean;
  children: (attributes: FieldAttributes) => ComponentChildren;
}) {
  return (
    <div class={`field${wide ? " wide" : ""}`}>
      <label for={id}>{label}</label>
      {children({ id, ...(fault ? { "aria-invalid": "true", "aria-describedby": `${id}-fault` } : {}) })}
      {fault && <Fault id={id} text={fault} />}
    </div>
  );
}

export const Fault = ({ id, text }: { id: string; text: string }) => (
  <p class="fault" id={`${id}-fault`} role="alert">
    {text}
  </p>
);
