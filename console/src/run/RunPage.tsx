import { useEffect, useRef, useState } from "preact/hooks";
import { DemoBanner } from "../home/DemoBanner";
import { wasDemo } from "../home/demo";
import { draftOf, replace } from "../home/draft";
import { toggleMarker } from "../home/examples";
import { useTick } from "../lib/hooks";
import { forget, learn, remember, titleOf } from "../lib/recents";
import { arrival, follow, go, place, select } from "../lib/router";
import { showInTab } from "../lib/signal";
import { useStore } from "../lib/store";
import type { Info } from "../net/api";
import { LiveWorkflow } from "../net/live";
import { wordsFor } from "../net/problem";
import { Notice } from "../ui/Notice";
import { gapsOf, signalOf } from "../workflow/outcome";
import { findStep, isTerminal, lifeOf, type Workflow } from "../workflow/state";
import { Announcer } from "./Announcer";
import { ConnectionNotice, lostSince } from "./ConnectionNotice";
import { Controls } from "./Controls";
import { Live } from "./control";
import { useDrafted } from "./drafted";
import { Graph, isPlanning } from "./Graph";
import { Inspector } from "./Inspector";
import { RunHeader } from "./RunHeader";
import { isChosen, panelOf } from "./selection";
import { Timeline } from "./Timeline";

/** Redraws a second while something runs: bars grow and clocks count. */
const TICK_MS = 200;
/** While nothing can run: only the time that it stands for counts. */
const IDLE_TICK_MS = 1000;

export function RunPage({ id, info }: { id: string; info: Info | null }) {
  const [live, setLive] = useState<LiveWorkflow | null>(null);
  useEffect(() => {
    const next = new LiveWorkflow(id);
    setLive(next);
    return () => next.stop();
  }, [id]);
  if (!live) return <main id="main" class="run" />;
  return (
    <Live.Provider value={live}>
      <Run {...{ id, live, info }} />
    </Live.Provider>
  );
}

function Run({ id, live, info }: { id: string; live: LiveWorkflow; info: Info | null }) {
  const workflow = useStore(live.workflow);
  const connection = useStore(live.connection);
  const { fragment } = useStore(place);
  const lost = isTerminal(workflow.status) ? null : lostSince(connection);
  const idle = lost !== null || workflow.status === "paused" || workflow.status === "waiting";
  useTick(workflow.seq > 0 && !isTerminal(workflow.status), idle ? IDLE_TICK_MS : TICK_MS);
  useRemembered(id, workflow);
  useArrival(workflow.seq > 0);
  // What the page draws. What it asks the server for is of the workflow itself.
  const { workflow: shown, marks } = useDrafted(id, workflow);
  const side = useRef<HTMLDivElement>(null);
  // Nothing is known of what happens while the connection is lost: clocks and bars stand where it was.
  const now = isTerminal(workflow.status) ? workflow.lastAt : live.now(lost ?? undefined);

  if (workflow.seq === 0 || (connection.kind === "refused" && connection.problem.status === 404)) {
    return <NothingYet id={id} live={live} />;
  }
  const panel = panelOf(shown, fragment);
  /** Without a name: whatever the run is at. */
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
    const draft = draftOf(workflow.spec, info);
    replace(marker ? { ...draft, prompt: toggleMarker(draft.prompt, marker) } : draft);
    go("/");
  };
  return (
    // Another life of the id is another workflow: no plan being edited and no open dialog goes over to it.
    <main id="main" class={`run${lost === null ? "" : " lost"}`} key={lifeOf(workflow.lastEventId)}>
      <RunHeader workflow={shown} now={now} connection={connection} lostSince={lost}>
        <Controls
          id={id}
          workflow={workflow}
          selected={findStep(workflow, panel) ? panel : null}
          onAgain={() => again()}
          onReview={() => pick("")}
        />
      </RunHeader>
      <ConnectionNotice connection={connection} onRetry={() => live.retryNow()} />
      {workflow.spec && wasDemo(workflow.spec) && (
        <DemoBanner folded onTrouble={again} pressed={(marker) => workflow.spec?.prompt.includes(marker) ?? false} />
      )}
      <div class="run-columns">
        <div class="run-text" ref={side}>
          <Inspector
            id={id}
            info={info}
            workflow={shown}
            now={now}
            panel={panel}
            following={!isChosen(shown, fragment)}
            onPick={pick}
            onFollow={() => select("")}
            onApproved={() => select("", "page")}
          />
        </div>
        <div class="run-progress">
          <Graph workflow={shown} marks={marks} now={now} selected={panel} onPick={pick} />
          {!isPlanning(shown) && <Timeline workflow={shown} now={now} selected={panel} onPick={pick} />}
        </div>
      </div>
      <Announcer workflow={workflow} />
    </main>
  );
}

/** Before the first event, and where there is no such workflow. */
function NothingYet({ id, live }: { id: string; live: LiveWorkflow }) {
  const connection = useStore(live.connection);
  const problem = connection.kind === "refused" ? connection.problem : null;
  const gone = problem?.status === 404;
  useEffect(() => {
    if (!gone) return;
    learn(id, { status: null, gone });
    showInTab(null, null);
  }, [id, gone]);
  const heading = <h1 class="visually-hidden">Workflow {id}</h1>;
  if (connection.kind === "refused" && connection.problem.isAuth)
    return (
      <main id="main" class="run">
        {heading}
      </main>
    );
  if (gone) {
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
      {heading}
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
  const gaps = gapsOf(workflow);
  useEffect(() => {
    if (title === undefined) return;
    remember({ id, title, status: workflow.status, at: workflow.queuedAt, gaps });
  }, [id, title, workflow.status, gaps]);
  const { sign, signal } = signalOf(workflow);
  useEffect(() => {
    if (title !== undefined) showInTab(`${sign}${titleOf(title)}`, signal);
  }, [title, sign, signal]);
}

/** A page that one comes to within the console begins at its heading, as a page that is loaded begins at its top. */
function useArrival(there: boolean): void {
  useEffect(() => {
    if (!there || !arrival.within || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>("#main h1")?.focus({ preventScroll: true });
  }, [there]);
}
