import { dataOf, rule } from "./lib/rules.mjs";

/** Kilograms, tenths of a cubic metre, euros. */
const ITEMS = {
  bomba: [480, 19, 2_100],
  generador: [950, 32, 4_300],
  andamio: [620, 55, 1_900],
  cuadro: [180, 9, 1_500],
  compresor: [730, 26, 3_200],
  tubería: [540, 48, 1_700],
  herramientas: [260, 11, 1_250],
  ventanas: [390, 41, 2_600],
  caldera: [880, 29, 3_900],
  azulejos: [1_100, 16, 2_300],
  aislante: [90, 62, 1_100],
  depuradora: [670, 37, 2_900],
};
const TRUCKS = [
  [2_200, 110],
  [1_500, 90],
];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const named = (list) => list.map((name) => Object.keys(ITEMS).find((one) => plain(one) === plain(name)) ?? name);
  const loads = () => [named(data.camion1), named(data.camion2)];
  return [
    rule("la carga es posible", () => problemOf(loads())),
    rule("el valor es el de la carga", () => (worthOf(loads()) === data.valor ? null : `${worthOf(loads())}`)),
    rule("el valor es el óptimo", () => {
      if (problemOf(loads())) return "no es posible";
      best ??= bestValue();
      return worthOf(loads()) === best ? null : `${worthOf(loads())} en lugar de ${best}`;
    }),
  ];
}

const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
const worthOf = (loads) => loads.flat().reduce((sum, name) => sum + (ITEMS[name]?.[2] ?? Number.NaN), 0);

function problemOf(loads) {
  const all = loads.flat();
  const unknown = all.find((name) => !ITEMS[name]);
  if (unknown) return `no hay ningún bulto «${unknown}»`;
  if (new Set(all).size < all.length) return "un bulto va dos veces";
  for (const [at, load] of loads.entries()) {
    const total = (column) => load.reduce((sum, name) => sum + ITEMS[name][column], 0);
    if (total(0) > TRUCKS[at][0]) return `camión ${at + 1}: ${total(0)} kg`;
    if (total(1) > TRUCKS[at][1]) return `camión ${at + 1}: ${total(1) / 10} m³`;
    if (load.includes("generador") && load.includes("caldera")) return "generador y caldera juntos";
    if (load.includes("herramientas") && !load.includes("cuadro")) return "herramientas sin cuadro";
  }
  return null;
}

let best;

/** All ways to load: each item in the first truck, the second, or none. */
function bestValue() {
  const names = Object.keys(ITEMS);
  let most = 0;
  const place = (at, loads, value) => {
    const isFull = loads.some((load, truck) =>
      [0, 1].some((column) => load.reduce((sum, name) => sum + ITEMS[name][column], 0) > TRUCKS[truck][column]),
    );
    if (isFull) return;
    if (at === names.length) {
      if (value > most && problemOf(loads) === null) most = value;
      return;
    }
    const name = names[at];
    place(at + 1, [[...loads[0], name], loads[1]], value + ITEMS[name][2]);
    place(at + 1, [loads[0], [...loads[1], name]], value + ITEMS[name][2]);
    place(at + 1, loads, value);
  };
  place(0, [[], []], 0);
  return most;
}
