import { useMemo } from "preact/hooks";
import { duration } from "../lib/format";
import { useWidth } from "../lib/hooks";
import { StateIcon } from "../ui/icons";
import { concurrency, criticalPath, scaleOf, ticks } from "../workflow/analysis";
import { type Attempt, partsOf, type Step, shortName, spanOf, triesOf, type Workflow } from "../workflow/state";
import { stepWord } from "../workflow/words";
import { useSteady } from "./steady";

interface Props {
  workflow: Workflow;
  now: number;
  selected: string;
  onPick: (name: string) => void;
}

const PIXELS_PER_TICK = 90;
/** Of the names and of the room for the last bar's label, as timeline.css has them: about a third. */
const TRACK_SHARE = 0.6;

export function Timeline({ workflow, now, selected, onPick }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const scale = scaleOf(workflow.idle, workflow.runStart, now);
  const end = workflow.endedAt ?? now;
  const total = Math.max(scale.of(end), 1000);
  const critical = criticalPath(workflow, now);
  const parallel = concurrency(workflow, now);
  const pick = useSteady(onPick);
  const axis = ticks(total, Math.max(2, (width * TRACK_SHARE) / PIXELS_PER_TICK));
  return (
    <section class="card timeline-card" aria-labelledby="timeline-title">
      <header class="card-head">
        <h2 id="timeline-title">Timeline</h2>
        <span class="muted">{timelineWords(workflow, parallel, now)}</span>
        <span class="spring" />
        <span class="legend muted" aria-hidden="true">
          <span class="swatch critical" /> critical path
        </span>
      </header>
      <div
        class="timeline"
        ref={frame}
        tabIndex={0}
        role="region"
        aria-label="Timeline of the steps"
        // The bars are placed by these in timeline.css, so that a clock that goes on draws no lane anew.
        style={{ "--total": total, "--now": Math.min(total, scale.of(end)) }}
      >
        <div class="lane axis" aria-hidden="true">
          <span />
          <span class="track">
            {axis.map((at) => (
              <span key={at} class="tick" style={{ left: `${(100 * at) / total}%` }}>
                {at === 0 ? "0" : duration(at)}
              </span>
            ))}
          </span>
        </div>
        <div class="lane load" aria-hidden="true">
          <span class="lane-name muted">Calls at once</span>
          <span class="track">
            <Load points={parallel.points} peak={parallel.peak} of={scale.of} total={total} />
          </span>
        </div>
        <ul>
          {workflow.steps.map((step) => (
            <li key={step.name}>
              <Lane
                {...{ workflow, step, now }}
                of={scale.of}
                onPick={pick}
                critical={critical.has(step.name)}
                selected={selected === step.name || (selected === "answer" && step.kind === "synthesis")}
              />
            </li>
          ))}
        </ul>
        {scale.breaks.length > 0 && (
          <p class="muted breaks">
            {scale.breaks
              .map((gap) => `${duration(gap.ms)} ${gap.why === "paused" ? "paused" : "waiting for approval"}`)
              .join(", ")}
            : shown shorter than it was.
          </p>
        )}
      </div>
    </section>
  );
}

interface LaneProps {
  workflow: Workflow;
  step: Step;
  now: number;
  /** Milliseconds on the timeline's scale. */
  of: (at: number) => number;
  critical: boolean;
  selected: boolean;
  onPick: (name: string) => void;
}

function Lane({ workflow, step, now, of, critical, selected, onPick }: LaneProps) {
  const span = spanOf(step, now);
  const attempts = step.attempts.filter((attempt) => attempt.run === workflow.run);
  const keptFrom = attempts.length === 0 ? (step.attempts[step.attempts.length - 1]?.run ?? null) : null;
  const took = span ? duration(span.end - span.start) : "";
  const startsAt = step.attempts[0] ? of(step.attempts[0].start) : null;
  const assembledAt = step.assembledAt === null ? null : of(step.assembledAt);
  const parts = Math.max(1, ...partsOf(step));
  const tries = triesOf(step);
  const inAttempts = `${parts > 1 ? ` in ${parts} parts` : ""}${tries > 1 ? ` in ${tries} attempts` : ""}`;
  const onPath = critical ? ", on the critical path" : "";
  const told =
    keptFrom !== null
      ? "kept from an earlier run"
      : took && startsAt !== null
        ? `started after ${duration(startsAt)}, took ${took}${inAttempts}${onPath}`
        : assembledAt !== null
          ? `put together after ${duration(assembledAt)}`
          : "not started";
  const word = stepWord(step, workflow);
  const bars = attempts.map((attempt, index) => barOf(attempt, attempts[index + 1], step, of));
  return useMemo(
    () => (
      <button
        type="button"
        class={`lane${critical ? " critical" : ""}`}
        data-lane={step.name}
        aria-current={selected ? "true" : undefined}
        onClick={() => onPick(step.kind === "synthesis" ? "answer" : step.name)}
      >
        <span class="lane-name">
          <StateIcon name={step.state} size={14} />
          {step.kind === "subtask" && <code>{shortName(step.name)}</code>}
          <span title={step.title}>{step.kind === "subtask" ? step.title : shortName(step.name)}</span>
          <span class="visually-hidden">
            : {word}, {told},{" "}
          </span>
        </span>
        <span class="track">
          {keptFrom !== null && <span class="kept-mark muted">kept from run {keptFrom}</span>}
          {bars.map((bar) => (
            <BarOf key={bar.key} bar={bar} />
          ))}
          {assembledAt !== null && (
            <span class="bar-label" style={{ "--from": assembledAt }}>
              ◆ put together
            </span>
          )}
          {bars.length > 0 && (
            <span class="bar-label" style={{ "--from": bars[bars.length - 1]?.until }}>
              {took}
            </span>
          )}
        </span>
      </button>
    ),
    [step.title, step.state, critical, selected, word, told, keptFrom, took, assembledAt, JSON.stringify(bars), onPick],
  );
}

interface Bar {
  key: string;
  outcome: Attempt["outcome"];
  /** The journal's times of the call. */
  start: number;
  end: number | null;
  /** The same on the timeline's scale. `NOW` for what goes on. */
  from: number;
  to: number | string;
  /** Where the wait after it ends. */
  until: number | string;
}

const NOW = "var(--now)";

/** A call, and the wait after it where it failed. */
function barOf(attempt: Attempt, next: Attempt | undefined, step: Step, of: (at: number) => number): Bar {
  const { start, end, outcome } = attempt;
  const to = end === null ? NOW : of(end);
  const until = next ? of(next.start) : step.state === "retrying" ? NOW : to;
  return { key: `${attempt.run} ${attempt.number}`, outcome, start, end, from: of(start), to, until };
}

function BarOf({ bar }: { bar: Bar }) {
  return (
    <>
      <span
        class={`bar outcome-${bar.outcome}`}
        data-from={bar.start}
        data-to={bar.end ?? undefined}
        style={{ "--from": bar.from, "--to": bar.to }}
      />
      {bar.until !== bar.to && <span class="bar wait" style={{ "--from": bar.to, "--to": bar.until }} />}
    </>
  );
}

function Load({
  points,
  peak,
  of,
  total,
}: {
  points: { at: number; count: number }[];
  peak: number;
  of: (at: number) => number;
  total: number;
}) {
  const height = 22;
  let path = `M0,${height}`;
  let y = height;
  for (const point of points) {
    const x = (1000 * of(point.at)) / total;
    path += `L${x.toFixed(1)},${y}`;
    y = height - (peak > 0 ? (point.count / peak) * (height - 2) : 0);
    path += `L${x.toFixed(1)},${y.toFixed(1)}`;
  }
  return (
    <svg viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none" width="100%" height={height} aria-hidden="true">
      <path d={`${path}L1000,${y}L1000,${height}Z`} />
    </svg>
  );
}

function timelineWords(workflow: Workflow, { peak, work }: { peak: number; work: number }, now: number): string {
  if (peak === 0) return "";
  const active =
    (workflow.endedAt ?? now) -
    workflow.runStart -
    workflow.idle.reduce((sum, span) => sum + (span.to ?? now) - span.from, 0);
  const saved =
    workflow.status === "complete" && active > 0 && work > active * 1.05
      ? `, ${(work / active).toFixed(1)} times as fast as one after the other`
      : "";
  return `up to ${peak} ${peak === 1 ? "call" : "calls"} at once${saved}`;
}
