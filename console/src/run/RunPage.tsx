import { useEffect, useRef, useState } from "preact/hooks";
import { DemoBanner } from "../home/DemoBanner";
import { draftOf, edit } from "../home/draft";
import { toggleMarker } from "../home/examples";
import { useTick } from "../lib/hooks";
import { forget, remember, titleOf } from "../lib/recents";
import { follow, go, place, select } from "../lib/router";
import { useStore } from "../lib/store";
import { LiveWorkflow } from "../net/live";
import { wordsFor } from "../net/problem";
import { Notice } from "../ui/Notice";
import { findStep, isTerminal, lifeOf, type Workflow } from "../workflow/state";
import { Announcer } from "./Announcer";
import { ConnectionNotice } from "./ConnectionNotice";
import { Controls } from "./Controls";
import { Graph } from "./Graph";
import { Inspector } from "./Inspector";
import { RunHeader } from "./RunHeader";
import { panelOf } from "./selection";
import { Timeline } from "./Timeline";

/** Redraws a second while something runs: bars grow and clocks count. */
const TICK_MS = 200;

export function RunPage({ id }: { id: string }) {
  const [live, setLive] = useState<LiveWorkflow | null>(null);
  useEffect(() => {
    const next = new LiveWorkflow(id);
    setLive(next);
    return () => next.stop();
  }, [id]);
  return live ? <Run id={id} live={live} /> : <main id="main" class="run" />;
}

function Run({ id, live }: { id: string; live: LiveWorkflow }) {
  const workflow = useStore(live.workflow);
  const connection = useStore(live.connection);
  const { fragment } = useStore(place);
  useTick(
    workflow.seq > 0 && !isTerminal(workflow.status) && workflow.status !== "paused" && workflow.status !== "waiting",
    TICK_MS,
  );
  useRemembered(id, workflow);
  const side = useRef<HTMLDivElement>(null);
  const now = isTerminal(workflow.status) ? workflow.lastAt : live.now();

  if (workflow.seq === 0 || (connection.kind === "refused" && connection.problem.status === 404)) {
    return <NothingYet id={id} live={live} />;
  }
  const panel = panelOf(workflow, fragment);
  const pick = (name: string) => {
    select(name);
    // Where the panel is above rather than beside, it has to be brought into view.
    if (side.current && side.current.getBoundingClientRect().top < 0)
      side.current.scrollIntoView({
        block: "start",
        behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
      });
  };
  const again = (marker?: string) => {
    if (!workflow.spec) return;
    const draft = draftOf(workflow.spec);
    edit(marker ? { ...draft, prompt: toggleMarker(draft.prompt, marker) } : draft);
    go("/");
  };
  return (
    // Another life of the id is another workflow: no plan being edited and no open dialog goes over to it.
    <main id="main" class="run" key={lifeOf(workflow.lastEventId)}>
      <RunHeader workflow={workflow} now={now} connection={connection}>
        <Controls
          id={id}
          workflow={workflow}
          selected={findStep(workflow, panel) ? panel : null}
          onAgain={() => again()}
          onPick={pick}
        />
      </RunHeader>
      <ConnectionNotice connection={connection} onRetry={() => live.retryNow()} />
      {workflow.spec?.provider === "demo" && (
        <DemoBanner folded onTrouble={again} pressed={(marker) => workflow.spec?.prompt.includes(marker) ?? false} />
      )}
      <div class="run-columns">
        <div class="run-text" ref={side}>
          <Inspector
            id={id}
            workflow={workflow}
            now={now}
            panel={panel}
            following={fragment === ""}
            onPick={pick}
            onFollow={() => select("")}
          />
        </div>
        <div class="run-progress">
          <Graph workflow={workflow} now={now} selected={panel} onPick={pick} />
          <Timeline workflow={workflow} now={now} selected={panel} onPick={pick} />
        </div>
      </div>
      <Announcer workflow={workflow} />
    </main>
  );
}

/** Before the first event, and where there is no such workflow. */
function NothingYet({ id, live }: { id: string; live: LiveWorkflow }) {
  const connection = useStore(live.connection);
  if (connection.kind === "refused" && connection.problem.isAuth) return <main id="main" class="run" />;
  const problem = connection.kind === "refused" ? connection.problem : null;
  if (problem?.status === 404) {
    return (
      <main id="main" class="run lonely">
        <h1>There is no such workflow</h1>
        <p>
          Nothing is known under <code>{id}</code>. It may have been deleted, or removed some time after its end.
        </p>
        <p class="actions">
          <a class="button primary" href="/" onClick={follow}>
            Start a new one
          </a>
          <button
            type="button"
            class="button"
            onClick={() => {
              forget(id);
              go("/");
            }}
          >
            Take it off the list
          </button>
        </p>
      </main>
    );
  }
  return (
    <main id="main" class="run lonely" aria-busy={!problem}>
      <h1 class="visually-hidden">Workflow {id}</h1>
      {problem ? (
        <Notice tone="bad" title={wordsFor(problem).title} alert>
          {wordsFor(problem).detail}
        </Notice>
      ) : (
        <>
          <div class="skeleton" aria-hidden="true" />
          <ConnectionNotice connection={connection} onRetry={() => live.retryNow()} />
        </>
      )}
    </main>
  );
}

function useRemembered(id: string, workflow: Workflow): void {
  const title = workflow.spec?.prompt;
  useEffect(() => {
    if (title === undefined) return;
    remember({ id, title, status: workflow.status, at: workflow.queuedAt });
    document.title = `${titleOf(title)} · Orchestrator Workers`;
  }, [id, title, workflow.status]);
}
