import { useEffect, useState } from "preact/hooks";
import { Compare } from "./compare/Compare";
import { pairOf } from "./compare/comparison";
import { Home } from "./home/Home";
import { Nowhere } from "./home/Nowhere";
import { TokenCard } from "./home/TokenCard";
import { follow, place, select } from "./lib/router";
import { showInTab } from "./lib/signal";
import { useStore } from "./lib/store";
import { nextTheme, theme } from "./lib/theme";
import { info as fetchInfo, type Info, locked, token } from "./net/api";
import { inspected } from "./run/control";
import { RunPage } from "./run/RunPage";
import { Glyph } from "./ui/icons";

const INFO_WAIT_MS = 700;
const THEME_WORDS = { system: "as the system", light: "light", dark: "dark" } as const;
const THEME_GLYPHS = { system: "screen", light: "sun", dark: "moon" } as const;

export function App() {
  const { id, nowhere, fragment } = useStore(place);
  const pair = id === null && nowhere === null ? pairOf(fragment) : null;
  const problem = useStore(locked);
  const bearer = useStore(token);
  const [info, setInfo] = useState<Info | null>(null);
  const [waited, setWaited] = useState(false);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    // The page works without: only names of models and the demo's banner are missing.
    const known = () => setWaited(true);
    fetchInfo()
      .then(setInfo, () => {})
      .finally(known);
    // Long enough that the demo's banner is there with the first picture and moves nothing; no longer where the server
    // is slow.
    const timer = setTimeout(known, INFO_WAIT_MS);
    return () => clearTimeout(timer);
  }, [bearer]);
  useEffect(() => {
    // A workflow's page says more once it knows more.
    showInTab(null, null);
  }, [id, nowhere, pair === null]);
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      {useStore(inspected) && (
        <a class="skip" href="#panel" onClick={skipToAnswer}>
          Skip to the answer
        </a>
      )}
      <Header info={info} hasToken={bearer !== null} onToken={() => setAsking(!asking)} />
      {(problem || asking) && (
        <div class="token-frame">
          <TokenCard
            key={problem ? "needed" : "asked"}
            problem={problem}
            onClose={asking ? () => setAsking(false) : undefined}
          />
        </div>
      )}
      {nowhere !== null && <Nowhere path={nowhere} />}
      {id !== null && <RunPage key={`${id} ${bearer}`} id={id} info={info} />}
      {pair && <Compare key={`${pair.join()} ${bearer}`} pair={pair} />}
      {id === null && nowhere === null && pair === null && waited && <Home info={info} />}
    </>
  );
}

/** Not by the fragment, which names what is selected. */
function skip(event: MouseEvent) {
  event.preventDefault();
  const main = document.querySelector<HTMLElement>("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

/** To its tab, and into it: past the graph and the timeline. */
function skipToAnswer(event: MouseEvent) {
  event.preventDefault();
  select("answer");
  requestAnimationFrame(() => document.getElementById("panel")?.focus());
}

function Header({ info, hasToken, onToken }: { info: Info | null; hasToken: boolean; onToken: () => void }) {
  const current = useStore(theme);
  return (
    <header class="top">
      <a class="brand" href="/" onClick={follow}>
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path d="M4.500 10h3m0 0c2 0 2-5.500 4-5.500h1M7.500 10h5M7.500 10c2 0 2 5.500 4 5.500h1" />
          <circle cx="3.500" cy="10" r="2" />
          <circle cx="15" cy="4.500" r="2" />
          <circle cx="15" cy="10" r="2" />
          <circle cx="15" cy="15.500" r="2" />
        </svg>
        <span>Orchestrator Workers</span>
      </a>
      {info && (
        <span class="deployment muted">
          {[info.environment, info.provider, info.version && `v${info.version}`].filter(Boolean).map((word) => (
            <span key={word} class="tag">
              {word}
            </span>
          ))}
        </span>
      )}
      <nav aria-label="Console">
        <a class="button quiet" href="/" onClick={follow}>
          <Glyph name="plus" size={14} />
          <span class="wide-only">New</span>
          <span class="visually-hidden narrow-only">New workflow</span>
        </a>
        <button
          type="button"
          class="button quiet"
          onClick={onToken}
          aria-label={hasToken ? "Token is set" : "Set a token"}
          title={hasToken ? "Token is set" : "Set a token"}
        >
          <Glyph name="key" size={15} />
          {hasToken && <span class="dot" />}
        </button>
        <button
          type="button"
          class="button quiet"
          onClick={nextTheme}
          aria-label={`Colours: ${THEME_WORDS[current]}`}
          title={`Colours: ${THEME_WORDS[current]}`}
        >
          <Glyph name={THEME_GLYPHS[current]} size={15} />
        </button>
      </nav>
    </header>
  );
}
