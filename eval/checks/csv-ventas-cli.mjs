import { filesOf } from "./lib/cases.mjs";
import { rule } from "./lib/rules.mjs";

const HEAD = "fecha;region;producto;unidades;precio";

const RUNS = [
  {
    name: "sums to the cent",
    data: `${HEAD}\n01/03/2025;Sur;a;3;0,10\n02/03/2025;Norte;b;1;1.234,50\n03/03/2025;Sur;c;-1;0,10\n`,
    expected: { total: "1234.70", regiones: { Norte: "1234.50", Sur: "0.20" }, mejor_mes: "2025-03", filas: 3 },
  },
  {
    name: "no rounding of large sums",
    data: `${HEAD}\n01/03/2025;A;a;3000001;33.333.333,33\n02/03/2025;A;a;1;0,02\n`,
    expected: { total: "100000033323333.35", regiones: { A: "100000033323333.35" }, mejor_mes: "2025-03", filas: 2 },
  },
  {
    name: "BOM, CRLF, quotes and other columns",
    data: [
      '\ufeffprecio;"region";nota;fecha;producto;unidades',
      '5;"Este; ""centro""";"dos\r\nlíneas";01/02/2024;x;2',
      "",
      "",
    ].join("\r\n"),
    expected: { total: "10.00", regiones: { 'Este; "centro"': "10.00" }, mejor_mes: "2024-02", filas: 1 },
  },
  {
    name: "the oldest of equal months, negative totals",
    data: `${HEAD}\n01/05/2025;B;a;1;10,00\n01/04/2025;B;a;2;5\n29/02/2024;A;a;-1;7,25\n`,
    expected: { total: "12.75", regiones: { A: "-7.25", B: "20.00" }, mejor_mes: "2025-04", filas: 3 },
  },
];

/** The row of line 2 has two lines, so that the bad ones stand on 4, 5 and 6. */
const BAD = `${HEAD}\n01/03/2025;A;"a\nb";1;1,00\n31/02/2025;A;a;1;1,00\n01/03/2025;A;a;x;1,00\n01/03/2025;A;a;1\n`;

export async function check(answer, tools) {
  const files = filesOf(answer, tools);
  const run = async (data) => {
    if (!files["ventas.mjs"]) return { code: null, stdout: "", stderr: "no code block is named ventas.mjs" };
    return tools.runNode({ files: { ...files, "datos.csv": data }, args: ["ventas.mjs", "datos.csv"] });
  };
  const results = await Promise.all(RUNS.map(({ data }) => run(data)));
  const [bad, column] = await Promise.all([run(BAD), run("fecha;region\n01/03/2025;A\n")]);
  return [
    ...RUNS.map(({ name, expected }, index) =>
      rule(name, () => {
        const { code, stdout, stderr } = results[index];
        if (code !== 0) return `code ${code}: ${stderr.slice(0, 300)}`;
        // Also the order of the regions: JSON keeps it.
        const { total, regiones, mejor_mes, filas } = JSON.parse(stdout);
        const found = JSON.stringify({ total, regiones, mejor_mes, filas });
        return found === JSON.stringify(expected) ? null : found;
      }),
    ),
    rule("every bad row is named by its line, with code 2", () => {
      if (bad.code !== 2) return `code ${bad.code}`;
      if (bad.stdout !== "") return "it prints to standard output";
      const lines = [...bad.stderr.matchAll(/^l[ií]nea (\d+):/gim)].map(([, line]) => Number(line));
      return JSON.stringify(lines) === "[4,5,6]" ? null : `lines ${lines}`;
    }),
    rule("a missing column has code 1 and a message", () =>
      column.code === 1 && column.stderr.trim() !== "" && column.stdout === "" ? null : `code ${column.code}`,
    ),
  ];
}
