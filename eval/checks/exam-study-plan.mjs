import { line } from "./common.mjs";

/** The hours of each row of the first table that has a column for them. */
function hours(answer) {
  const rows = answer
    .split("\n")
    .filter((text) => text.trim().startsWith("|"))
    .map((text) =>
      text
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const head = rows.findIndex((cells) => cells.some((cell) => /hour|^h$/i.test(cell)));
  if (head < 0) return null;
  const column = rows[head].findIndex((cell) => /hour|^h$/i.test(cell));
  const day = rows[head].findIndex((cell) => /day/i.test(cell));
  return rows
    .slice(head + 2)
    .map((cells) => ({ day: cells[day] ?? "", hours: Number.parseFloat(cells[column]) }))
    .filter(({ day, hours }) => Number.isFinite(hours) && !/total|sum/i.test(day));
}

export function check(answer) {
  const given = hours(answer);
  if (given === null) return [line("there is a table with hours", false)];
  const sum = given.reduce((total, one) => total + one.hours, 0);
  const perDay = new Map();
  for (const one of given) {
    const number = Number.parseInt(one.day.replace(/\D*/, ""), 10);
    perDay.set(number, (perDay.get(number) ?? 0) + one.hours);
  }
  const fits = [...perDay].every(([day, total]) => total === ([6, 0].includes(day % 7) ? 4 : 2));
  return [
    line("54 hours", Math.abs(sum - 54) < 0.01, sum),
    line("21 days", perDay.size === 21, perDay.size),
    line("2 hours on weekdays, 4 on weekend days", fits),
    line("a mock exam", /mock/i.test(answer)),
  ];
}
