import { rule, sectionsNamed, wordsWithin } from "./lib/rules.mjs";

const TITLES = ["Pressemitteilung", "E-Mail an die Belegschaft", "Kurznachricht"];
const NEVER = /meilenstein|zukunftsfähig|#\p{L}/iu;

export function check(answer, { words }) {
  // A heading within the press release (its headline) is part of it.
  const text = answer.replace(/^###+[ \t]+/gm, "");
  let parts = ["", "", ""];
  const found = rule("the three headings", () => {
    parts = sectionsNamed(text, TITLES);
  });
  const [press, mail, short] = parts;
  return [
    found,
    wordsWithin("press release: 200 to 260 words", words(press), { least: 200, most: 260 }),
    wordsWithin("mail: 150 to 200 words", words(mail), { least: 150, most: 200 }),
    rule("short message: at most 280 characters", () => {
      const { length } = [...short];
      return length > 0 && length <= 280 ? null : `${length} characters`;
    }),
    rule("the night shift in the first third of the mail", () => {
      const at = mail.search(/Nachtschicht/i);
      return at >= 0 && at <= mail.length / 3 ? null : `at ${at} of ${mail.length}`;
    }),
    rule("none of the words", () => NEVER.exec(answer)?.[0]),
    rule("the contact stands in the press release", () => (press.includes("presse@holm-veit.example") ? null : "no")),
    rule("the meeting stands in the mail", () =>
      /9\.\s*(Dezember|12\.)/.test(mail) && /Halle\s*2/.test(mail) && /14([:.]00)?\s*Uhr/.test(mail) ? null : "no",
    ),
  ];
}
