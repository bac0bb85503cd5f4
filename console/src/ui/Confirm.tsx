import type { ComponentChildren } from "preact";
import { Dialog } from "./Dialog";

interface Props {
  title: string;
  /** What is done, and what leaves all as it is: that has the focus. */
  action: string;
  keep: string;
  onConfirm: () => void;
  onClose: () => void;
  children: ComponentChildren;
}

/** Asks before something is lost for good. */
export function Confirm({ title, action, keep, onConfirm, onClose, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <p class="actions">
        <button type="button" class="button" data-first onClick={onClose}>
          {keep}
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </button>
      </p>
    </Dialog>
  );
}
