import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, follow } from "../lib/router";
import { showInTab } from "../lib/signal";
import { Markdown } from "../markdown/Markdown";
import { wordsFor } from "../net/problem";
import { ErrorNotice, Notice } from "../ui/Notice";
import { chosenOf, keepChoice } from "./choices";
import { CHOICES, type Choice, factsOf, nameOf, type Pair, type Side, verdictOf } from "./comparison";
import { useWatched, type Watched } from "./watch";

const LETTERS = ["A", "B"] as const;

/** Two answers to one request, side by side and in equal form; which is which is told once one has chosen. */
export function Compare({ pair }: { pair: Pair }) {
  const watched = useWatched(pair);
  const [choice, setChoice] = useState<Choice | null>(() => chosenOf(pair));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    showInTab(watched.kind === "ended" ? "✓ Compare" : "Compare", null);
  }, [watched.kind]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const sides = watched.kind === "ended" ? watched.sides : null;
  const isWhole = sides?.every(({ output }) => output !== null) ?? false;
  const choose = (next: Choice) => {
    keepChoice(pair, next);
    setChoice(next);
  };
  return (
    <main id="main" class="compare">
      <h1 ref={heading} tabIndex={-1}>
        Which one would you send?
      </h1>
      <p class="lead" role="status">
        {leadOf(watched, choice, isWhole)}
      </p>
      {watched.kind === "running" && watched.error !== null && <ErrorNotice error={watched.error} />}
      {watched.kind === "refused" && !watched.error.isAuth && (
        <Notice tone="bad" title={wordsFor(watched.error).title} alert>
          {wordsFor(watched.error).detail}
        </Notice>
      )}
      {watched.kind !== "refused" && (
        <div class="pair">
          {LETTERS.map((letter, index) => (
            <section key={letter} class="card side" aria-labelledby={`side-${letter}`}>
              <header class="card-head">
                <h2 id={`side-${letter}`}>{letter}</h2>
              </header>
              <div class="side-text">{sides ? <Text side={sides[index] as Side} /> : <div class="skeleton" />}</div>
            </section>
          ))}
        </div>
      )}
      {sides && isWhole && <Choices {...{ choice }} onChoose={choose} />}
      {sides && (choice !== null || !isWhole) && <Revealed {...{ pair, sides }} choice={isWhole ? choice : null} />}
    </main>
  );
}

function leadOf(watched: Watched, choice: Choice | null, isWhole: boolean): string {
  if (watched.kind === "refused") return "";
  if (watched.kind === "running")
    return watched.ended === 1
      ? "One of the two is done. Both are shown once the other one is."
      : "The request is answered in two ways. Both answers are shown once they are done.";
  if (!isWhole) return "One of the two has no answer, so that there is nothing to compare.";
  return choice === null
    ? "One is of a single call, the other one as the big model chose. Their order is random."
    : verdictOf(choice, watched.sides);
}

function Text({ side }: { side: Side }) {
  const text = side.output?.finalResult ?? "";
  return text ? <Markdown text={text} streaming={false} /> : <p class="muted">There is no answer.</p>;
}

function Choices({ choice, onChoose }: { choice: Choice | null; onChoose: (choice: Choice) => void }) {
  return (
    <div class="choices" role="group" aria-label="Which one would you send?">
      {CHOICES.map(([name, words]) => (
        <button
          key={name}
          type="button"
          class="button"
          aria-pressed={choice === name}
          // Who knows the names judges no more.
          disabled={choice !== null && choice !== name}
          onClick={() => choice === null && onChoose(name)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

function Revealed({ pair, sides, choice }: { pair: Pair; sides: [Side, Side]; choice: Choice | null }) {
  const facts = sides.map(factsOf);
  return (
    <section class="card revealed" aria-labelledby="revealed-title">
      <header class="card-head">
        <h2 id="revealed-title">What they are</h2>
      </header>
      <table>
        <thead>
          <tr>
            <td />
            {LETTERS.map((letter, index) => (
              <th key={letter} scope="col">
                {letter}
                {choice === letter.toLowerCase() ? ", your choice" : ""}
                <a href={addressOf(pair[index] as string)} onClick={follow}>
                  {nameOf(sides[index] as Side)}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {facts[0]?.map(([name, value], row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td>{facts[1]?.[row]?.[1]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">One pair tells little: a choice may be chance. “npm run eval” compares many.</p>
    </section>
  );
}
