import { dataOf, rule } from "./lib/rules.mjs";

const CROPS = ["basil", "chillies", "dill", "fennel", "tomatoes"];
const GARDENERS = ["ilse", "jonas", "karim", "lena", "mei"];
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"];

/** By number. `at` is the place of a crop or a gardener, `day` the watering of a place. */
const CLUES = [
  ({ at }) => at("karim") === at("tomatoes") + 1,
  ({ at }) => Math.abs(at("basil") - at("fennel")) > 1,
  ({ at }) => at("tomatoes") < at("dill"),
  ({ at }) => ![1, 5].includes(at("chillies")),
  ({ at }) => at("ilse") !== at("basil") && at("ilse") !== at("dill"),
  ({ at }) => Math.abs(at("lena") - at("mei")) === 2,
  ({ at }) => ![1, 5].includes(at("jonas")),
  ({ at, day }) => day(at("dill")) === day(at("lena")) + 1,
  ({ day }) => day(3) === DAYS.indexOf("wednesday"),
  ({ at, day }) => day(at("fennel")) < day(at("basil")),
  ({ at, day }) => day(at("karim")) === DAYS.indexOf("friday"),
  ({ day }) => day(1) > day(5),
  ({ at }) => at("lena") === at("basil"),
  ({ at, day }) => day(at("tomatoes")) === DAYS.indexOf("tuesday"),
  ({ at }) => at("ilse") < at("mei"),
];

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const low = (value) => String(value).trim().toLowerCase();
  const benches = () =>
    [1, 2, 3, 4, 5].map((number) => {
      const { crop, gardener, day } = data.find(({ bench }) => bench === number);
      return { crop: low(crop), gardener: low(gardener), day: DAYS.findIndex((one) => one.startsWith(low(day))) };
    });
  return [
    rule("five benches with everything once", () => {
      const columns = [
        [benches().map(({ crop }) => crop), CROPS],
        [benches().map(({ gardener }) => gardener), GARDENERS],
        [benches().map(({ day }) => DAYS[day]), DAYS],
      ];
      return columns.find(([found, all]) => [...found].sort().join() !== [...all].sort().join())?.[0].join(", ");
    }),
    rule("all clues hold", () => {
      const list = benches();
      const at = (name) => 1 + list.findIndex(({ crop, gardener }) => crop === name || gardener === name);
      const broken = CLUES.findIndex((clue) => !clue({ at, day: (place) => list[place - 1].day }));
      return broken < 0 ? null : `not clue ${broken + 1}`;
    }),
  ];
}
