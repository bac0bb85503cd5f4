import { rule } from "./lib/rules.mjs";

const PEOPLE = ["Ana", "Ben", "Chloe", "Dev", "Eli", "Fay"];
const WEEKEND = [6, 7, 13, 14];

export function check(answer, tools) {
  const blocks = tools.codeBlocks(answer).map(({ text }) => parsed(text));
  const rota = blocks.find(isRota) ?? tools.json(answer);
  return [
    rule("fourteen days in order, two people each", () => {
      if (!isRota(rota)) return "no array of 14 objects";
      const wrong = rota.find(
        ({ date, primary, secondary }, index) =>
          date !== `2026-06-${String(index + 1).padStart(2, "0")}` ||
          !PEOPLE.includes(primary) ||
          !PEOPLE.includes(secondary) ||
          primary === secondary,
      );
      return wrong && JSON.stringify(wrong);
    }),
    ...Object.entries(RULES).map(([name, problem]) =>
      rule(name, () =>
        isRota(rota) ? problem(rota.map(({ primary, secondary }) => [primary, secondary])) : "no rota",
      ),
    ),
  ];
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
const isRota = (value) => Array.isArray(value) && value.length === 14;
const counts = (names) => PEOPLE.map((name) => [name, names.filter((one) => one === name).length]);
const outside = (list, least, most) => list.find(([, count]) => count < least || count > most)?.join(": ");

/** Each gets a pair of names per day, and returns what breaks the rule. */
const RULES = {
  "1: who is away": (days) => {
    const away = (name, day) =>
      (name === "Ana" && day >= 3 && day <= 5) ||
      (name === "Ben" && WEEKEND.includes(day)) ||
      (name === "Chloe" && [3, 10].includes(day)) ||
      (name === "Dev" && day >= 8);
    return days
      .flatMap(([primary, secondary], index) => [
        ...[primary, secondary].filter((name) => away(name, index + 1)).map((name) => `${name} on ${index + 1} June`),
        ...(primary === "Eli" && index < 7 ? [`Eli is primary on ${index + 1} June`] : []),
      ])
      .at(0);
  },
  "2: Ana and Fay apart": (days) => {
    const at = days.findIndex((names) => names.includes("Ana") && names.includes("Fay"));
    return at < 0 ? null : `both on ${at + 1} June`;
  },
  "3: not primary twice in a row": (days) => {
    const at = days.findIndex(([primary], index) => index > 0 && days[index - 1][0] === primary);
    return at < 0 ? null : `${days[at][0]} on ${at + 1} June`;
  },
  "4: no third day in a row": (days) => {
    const at = days.findIndex((names, index) => index > 1 && names.some((name) => isThird(days, index, name)));
    return at < 0 ? null : `on ${at + 1} June`;
  },
  "5: primary two or three times": (days) => outside(counts(days.map(([primary]) => primary)), 2, 3),
  "5: secondary two or three times": (days) => outside(counts(days.map(([, secondary]) => secondary)), 2, 3),
  "6: two weekend days at most": (days) => outside(counts(WEEKEND.flatMap((day) => days[day - 1])), 0, 2),
};

const isThird = (days, index, name) => days[index - 1].includes(name) && days[index - 2].includes(name);
