import { useMemo } from "preact/hooks";
import { indented } from "../lib/json";
import { CopyButton } from "../ui/CopyButton";

/** JSON as a model wrote it, with the space that a reader needs. It is copied as it was written. */
export function Structured({ json }: { json: string }) {
  const shown = useMemo(() => indented(json), [json]);
  return (
    <div class="code-frame json">
      <pre tabIndex={0}>
        <code>{shown}</code>
      </pre>
      <CopyButton text={() => json} label="Copy JSON" />
    </div>
  );
}
