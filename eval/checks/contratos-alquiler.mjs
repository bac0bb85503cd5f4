import { dataOf, figures, rule } from "./lib/rules.mjs";

const CONTRACTS = [
  {
    inicio: "2026-03-01",
    fin: "2031-02-28",
    renta_mensual: 10_800 / 12,
    fianza: 10_800 / 12,
    preaviso_dias: 30,
    actualizacion: "IPC",
    mascotas: true,
    primer_pago_total: (4 * 10_800) / 12,
  },
  {
    inicio: "2026-04-15",
    fin: "2029-04-14",
    renta_mensual: 1_450,
    fianza: 2 * 1_450,
    preaviso_dias: 60,
    actualizacion: "fija",
    mascotas: null,
    primer_pago_total: 2 * 1_450 + 1_450 * 1.21,
  },
  {
    inicio: "2026-09-01",
    fin: "2027-06-30",
    renta_mensual: 365,
    fianza: 380,
    preaviso_dias: 15,
    actualizacion: null,
    mascotas: false,
    primer_pago_total: 380 + 365 + 25,
  },
];
const TENANTS = [[/Prats/, /Soto/], [/Horno Nou/], [/Benali/]];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  return [
    rule("tres contratos", () => (Array.isArray(data) && data.length === 3 ? null : "no hay un array de tres")),
    ...CONTRACTS.flatMap((expected, index) =>
      figures(data?.[index], expected, 0.001).map((one) => ({ ...one, name: `contrato ${index + 1}: ${one.name}` })),
    ),
    rule("inquilinos", () => {
      const at = TENANTS.findIndex(
        (names, index) =>
          data[index].inquilinos.length !== names.length ||
          !names.every((name) => data[index].inquilinos.some((one) => name.test(one))),
      );
      return at < 0 ? null : JSON.stringify(data[at].inquilinos);
    }),
    rule("como mucho seis líneas debajo", () => {
      const rest = answer
        .slice(answer.lastIndexOf("```") + 3)
        .split("\n")
        .filter((line) => line.trim() !== "");
      return rest.length <= 6 ? null : `${rest.length} líneas`;
    }),
  ];
}
