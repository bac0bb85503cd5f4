// Tables and code that are wider than the page: what scrolls says so, and can be reached by keyboard.

/** Watches the frames within until the result is called. */
export function watchScrollers(root: HTMLElement): () => void {
  const frames = [...root.querySelectorAll<HTMLElement>(".scroller > *")];
  if (frames.length === 0) return () => {};
  const look = (frame: HTMLElement) => {
    const beyond = frame.scrollWidth - frame.clientWidth;
    const left = beyond > 1 && frame.scrollLeft > 1;
    const right = beyond > 1 && frame.scrollLeft < beyond - 1;
    const more = [left && "left", right && "right"].filter(Boolean).join(" ");
    const scroller = frame.parentElement;
    if (scroller && scroller.dataset.more !== more) scroller.dataset.more = more;
    // What does not scroll is no stop on the way of the Tab key.
    if (beyond > 1) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) look(target as HTMLElement);
  });
  for (const frame of frames) {
    observer.observe(frame);
    frame.addEventListener("scroll", () => look(frame), { passive: true });
  }
  return () => observer.disconnect();
}
