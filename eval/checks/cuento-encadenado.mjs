import { rule } from "./lib/rules.mjs";

const NEVER = /(?<!\p{L})(tiempos?|silencios?|de repente)(?!\p{L})/iu;

export function check(answer, { words }) {
  const paragraphs = answer
    .trim()
    .split(/\n\s*\n/)
    .map((one) => one.trim());
  const wordsOf = (text) => text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return [
    rule("seis párrafos y nada más", () => {
      if (paragraphs.length !== 6) return `${paragraphs.length}`;
      return paragraphs.find((one) => /^(#|[-*] |\d+\.|\*\*[^*]+\*\*$)/.test(one))?.slice(0, 60);
    }),
    rule("cada párrafo tiene de 50 a 70 palabras", () => {
      const counts = paragraphs.map((one) => words(one));
      return counts.every((count) => count >= 50 && count <= 70) ? null : counts.join(", ");
    }),
    rule("cada párrafo empieza con la última palabra del anterior", () => {
      const at = paragraphs.findIndex(
        (one, index) => index > 0 && wordsOf(one)[0] !== wordsOf(paragraphs[index - 1]).at(-1),
      );
      return at < 0 ? null : `el párrafo ${at + 1} empieza con «${wordsOf(paragraphs[at])[0]}»`;
    }),
    rule("la última palabra es la primera", () => {
      const all = wordsOf(answer);
      return all.length > 0 && all[0] === all.at(-1) ? null : `«${all[0]}» y «${all.at(-1)}»`;
    }),
    rule("ninguna de las palabras prohibidas", () => NEVER.exec(answer)?.[0]),
    rule("ningún diálogo", () => (/^\s*[—–-]\s?\p{L}|[«"“][^»"”]*[.!?…][»"”]/mu.test(answer) ? "hay diálogo" : null)),
  ];
}
