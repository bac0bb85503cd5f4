import { useState } from "preact/hooks";
import { save } from "../lib/files";
import { Confirm } from "../ui/Confirm";
import { Glyph } from "../ui/icons";
import { bodyOf, type From, lostBy } from "../workflow/restart";
import type { Workflow } from "../workflow/state";
import type { useControls } from "./control";

/** Restarts, and asks first where answers would be lost. Gives the question, to be drawn, where there is one. */
export function useRestart(id: string, workflow: Workflow, { act }: Pick<ReturnType<typeof useControls>, "act">) {
  const [asked, setAsked] = useState<{ from: From; remark?: string } | null>(null);
  const go = (from: From, remark?: string) => void act("restart", bodyOf(from, remark));
  const lost = asked === null ? [] : lostBy(workflow, asked.from);
  const question = asked !== null && lost.length > 0 && (
    <Confirm
      title={asked.from === "everything" ? "Restart everything?" : "Restart, and lose answers?"}
      action="Restart"
      keep="Keep them"
      onConfirm={() => go(asked.from, asked.remark)}
      onClose={() => setAsked(null)}
    >
      <p>
        This throws away what run {workflow.run} has made, and can't be undone: {listed(lost)}.
      </p>
      {workflow.result !== null && (
        <p>
          <button
            type="button"
            class="button quiet"
            onClick={() => save(`${id}-run-${workflow.run}.md`, "text/markdown", `${workflow.result}\n`)}
          >
            <Glyph name="download" size={14} /> Save the answer first
          </button>
        </p>
      )}
    </Confirm>
  );
  const restart = (from: From, remark?: string) => {
    if (lostBy(workflow, from).length > 0) setAsked({ from, remark });
    else go(from, remark);
  };
  return { restart, question };
}

function listed(names: string[]): string {
  const last = names[names.length - 1];
  return names.length < 2 ? (last ?? "") : `${names.slice(0, -1).join(", ")} and ${last}`;
}
