import { duration } from "../lib/format";
import { useWidth } from "../lib/hooks";
import { StateIcon } from "../ui/icons";
import { concurrency, criticalPath, scaleOf, ticks } from "../workflow/analysis";
import { type Attempt, type Step, shortName, spanOf, type Workflow } from "../workflow/state";
import { stepWord } from "../workflow/words";

interface Props {
  workflow: Workflow;
  now: number;
  selected: string;
  onPick: (name: string) => void;
}

const PIXELS_PER_TICK = 90;

export function Timeline({ workflow, now, selected, onPick }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const scale = scaleOf(workflow.idle, workflow.runStart, now);
  const end = workflow.endedAt ?? now;
  const total = Math.max(scale.of(end), 1000);
  const percent = (at: number) => `${Math.min(100, (100 * scale.of(at)) / total)}%`;
  const critical = criticalPath(workflow, now);
  const parallel = concurrency(workflow, now);
  const axis = ticks(total, Math.max(2, (width - 170) / PIXELS_PER_TICK));
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
      <div class="timeline" ref={frame} tabIndex={0} role="region" aria-label="Timeline of the steps">
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
                {...{ workflow, step, now, percent, onPick }}
                critical={critical.has(step.name)}
                selected={selected === step.name || (selected === "answer" && step.kind === "synthesis")}
                startsAt={startOf(step, scale.of)}
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
  percent: (at: number) => string;
  critical: boolean;
  selected: boolean;
  startsAt: number | null;
  onPick: (name: string) => void;
}

function Lane({ workflow, step, now, percent, critical, selected, startsAt, onPick }: LaneProps) {
  const span = spanOf(step, now);
  const attempts = step.attempts.filter((attempt) => attempt.run === workflow.run);
  const kept = step.attempts.length > 0 && attempts.length === 0;
  const took = span && duration(span.end - span.start);
  const inAttempts = step.attempts.length > 1 ? ` in ${step.attempts.length} attempts` : "";
  const onPath = critical ? ", on the critical path" : "";
  const words = kept
    ? "kept from an earlier run"
    : span && startsAt !== null
      ? `started after ${duration(startsAt)}, took ${took}${inAttempts}${onPath}`
      : "not started";
  return (
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
        <span>{step.kind === "subtask" ? step.title : shortName(step.name)}</span>
        <span class="visually-hidden">
          : {stepWord(step, workflow)}, {words},{" "}
        </span>
      </span>
      <span class="track">
        {kept && <span class="kept-mark muted">kept from run {step.attempts[step.attempts.length - 1]?.run}</span>}
        {attempts.map((attempt, index) => (
          <Bar
            key={`${attempt.run} ${attempt.number}`}
            {...{ attempt, now, percent }}
            next={attempts[index + 1]}
            waiting={step.state === "retrying" && index === attempts.length - 1}
            last={index === attempts.length - 1 ? took : null}
          />
        ))}
      </span>
    </button>
  );
}

interface BarProps {
  attempt: Attempt;
  next: Attempt | undefined;
  waiting: boolean;
  now: number;
  last: string | null;
  percent: (at: number) => string;
}

/** A call, and the wait after it where it failed. */
function Bar({ attempt, next, waiting, now, last, percent }: BarProps) {
  const end = attempt.end ?? now;
  const until = next?.start ?? (waiting ? now : end);
  return (
    <>
      <span
        class={`bar outcome-${attempt.outcome}`}
        data-from={attempt.start}
        data-to={end}
        style={{ left: percent(attempt.start), width: `calc(${percent(end)} - ${percent(attempt.start)})` }}
      />
      {until > end && (
        <span class="bar wait" style={{ left: percent(end), width: `calc(${percent(until)} - ${percent(end)})` }} />
      )}
      {last && (
        <span class="bar-label" style={{ left: percent(until) }}>
          {last}
        </span>
      )}
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

const startOf = (step: Step, of: (at: number) => number): number | null =>
  step.attempts[0] ? of(step.attempts[0].start) : null;

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
