import { dataOf, rule } from "./lib/rules.mjs";

const TASKS = [
  ["Carla", "2026-11-05", /Österreich|Versandkosten/],
  ["Carla", "2026-11-09", /Schweiz/],
  ["Tom", "2026-11-09", /Stand|Messe/],
  ["Tom", "2026-11-11", /Teilnehmer|Anzahl/],
  ["Carla", "2026-11-12", /reserv|Italiener|Restaurant|Tisch/i],
  ["Yusuf", "2026-11-16", /Stadtwerke|Angebot/],
  ["Sabine", "2026-11-16", /Angebot|Stadtwerke|prüf|durchseh|anseh/i],
  ["Yusuf", "2026-11-20", /Einladung/],
  ["Sabine", null, /Budget/],
];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const isIt = (task, [who, until, what]) => task.wer === who && task.bis === until && what.test(task.was);
  return [
    ...TASKS.map((task) =>
      rule(`${task[0]}, ${task[1] ?? "ohne Frist"}`, () =>
        data.aufgaben.some((one) => isIt(one, task)) ? null : "die Aufgabe fehlt",
      ),
    ),
    rule("keine weitere Aufgabe", () => {
      const other = data.aufgaben.find((one) => !TASKS.some((task) => isIt(one, task)));
      return other && JSON.stringify(other);
    }),
    rule("nach Frist geordnet", () => {
      const dates = data.aufgaben.map(({ bis }) => bis ?? "9999");
      return dates.join() === [...dates].sort().join() ? null : dates.join(", ");
    }),
    rule("höchstens zwölf Wörter", () => data.aufgaben.find(({ was }) => was.trim().split(/\s+/).length > 12)?.was),
    rule("die Kundenliste ist offen", () =>
      data.offen.some((one) => /liste|bereinig/i.test(one)) ? null : "sie steht nicht unter den offenen Fragen",
    ),
    rule("die Feier ist am 18. beschlossen, der Stand ohne Wasser", () => {
      const all = data.beschluesse.join("\n");
      if (!/18/.test(all) || /\b11\.( Dezember|12\.)/.test(all)) return "nicht der 18. Dezember";
      return /wasser/i.test(all) ? null : "kein Wort vom Wasseranschluss";
    }),
  ];
}
