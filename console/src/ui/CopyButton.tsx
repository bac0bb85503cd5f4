import { copyText } from "../lib/files";
import { useFlash } from "../lib/hooks";
import { Glyph } from "./icons";

interface Props {
  text: () => string;
  label: string;
  class?: string;
  disabled?: boolean;
}

export function CopyButton({ text, label, class: extra = "", disabled }: Props) {
  const [flash, setFlash] = useFlash();
  return (
    <button
      type="button"
      disabled={disabled}
      class={`button quiet ${extra}`}
      onClick={async () => setFlash((await copyText(text())) ? "Copied" : "Not copied")}
    >
      <Glyph name="copy" size={14} />
      <span aria-live="polite">{flash || label}</span>
    </button>
  );
}
