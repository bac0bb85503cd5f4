import { useEffect, useState } from "preact/hooks";
import type { Info } from "../net/api";
import { Glyph } from "../ui/icons";
import { newsOf } from "../workflow/outcome";
import { findStep, isTerminal, type Status, type Workflow } from "../workflow/state";
import { warningsOf } from "../workflow/words";
import { AnswerPanel } from "./AnswerPanel";
import { inspected } from "./control";
import { LogPanel } from "./LogPanel";
import { StepPanel } from "./StepPanel";
import { stepFor } from "./selection";

interface Props {
  id: string;
  info: Info | null;
  workflow: Workflow;
  now: number;
  panel: string;
  /** Nothing was chosen: the panel shows what happens. */
  following: boolean;
  onPick: (name: string) => void;
  onFollow: () => void;
  onApproved: () => void;
}

/** What there is to see once a run has ended. */
const NEWS_WORDS: Partial<Record<Status, string>> = {
  complete: "Show the answer",
  errored: "Show the error",
  terminated: "Show the end",
};

type Tab = "answer" | "step" | "log";
const TABS: Tab[] = ["answer", "step", "log"];

export function Inspector({ id, info, workflow, now, panel, following, onPick, onFollow, onApproved }: Props) {
  const [wide, setWide] = useState(false);
  const tab: Tab = panel === "answer" || panel === "log" ? panel : "step";
  const [lastStep, setLastStep] = useState<string | null>(null);
  useEffect(() => {
    if (tab === "step") setLastStep(panel);
  }, [panel]);
  const step = findStep(workflow, tab === "step" ? panel : stepFor(workflow, lastStep ?? ""));
  const open = (next: Tab) => onPick(next === "step" ? (step?.name ?? "plan") : next);
  const keys = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? "answer";
    open(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  // The run whose answer was looked at, or whose end.
  const [read, setRead] = useState<number | null>(null);
  const ended = isTerminal(workflow.status);
  useEffect(() => {
    if (tab === "answer" && ended) setRead(workflow.run);
  }, [tab, ended, workflow.run]);
  useEffect(() => {
    inspected.set(true);
    return () => inspected.set(false);
  }, []);
  const news = newsOf(workflow, panel, read);
  const newsIn: Tab | null = news === "plan" ? "step" : news;
  const warnings = warningsOf(workflow).length;
  const words: Record<Tab, string> = { answer: "Answer", step: "Step", log: "Log" };
  return (
    <section class={`card inspector${wide ? " wide" : ""}`} aria-labelledby="details-title">
      <h2 id="details-title" class="visually-hidden">
        Details
      </h2>
      <div class="tabs-row">
        <div class="tabs" role="tablist" aria-label="Details" onKeyDown={keys}>
          {TABS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={tab === name}
              aria-controls="panel"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => (name === newsIn && news === "plan" ? onPick("plan") : open(name))}
            >
              {words[name]}
              {name === newsIn && (
                <span class="news" data-news={news ?? undefined}>
                  <span class="visually-hidden">: there is news</span>
                </span>
              )}
              {name === "answer" && warnings > 0 && (
                <span class="badge warn" title={`${warnings} warnings`}>
                  {warnings}
                </span>
              )}
            </button>
          ))}
        </div>
        <span class="spring" />
        {following ? (
          <span class="muted following">following the run</span>
        ) : (
          <button type="button" class={`button tiny${news ? " primary" : " quiet"}`} onClick={onFollow}>
            {news === "plan" ? "Review the plan" : news ? NEWS_WORDS[workflow.status] : "Follow the run"}
          </button>
        )}
        <button
          type="button"
          class="button quiet tiny wide-only"
          aria-label={wide ? "Make the panel smaller" : "Make the panel larger"}
          aria-pressed={wide}
          onClick={() => setWide(!wide)}
        >
          <Glyph name={wide ? "close" : "expand"} size={14} />
        </button>
      </div>
      <div
        class="panel"
        id="panel"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        tabIndex={0}
        key={tab === "step" ? step?.name : tab}
      >
        {tab === "answer" && <AnswerPanel {...{ id, info, workflow, onPick }} />}
        {tab === "step" && step && <StepPanel {...{ id, workflow, step, now, onPick, onApproved }} />}
        {tab === "log" && <LogPanel {...{ workflow, onPick }} />}
      </div>
    </section>
  );
}
