import { line } from "./common.mjs";

/** The orders that the conditions allow, found by trying all. */
function solutions() {
  const orders = (left) =>
    left.length === 0
      ? [""]
      : left.flatMap((one) => orders(left.filter((other) => other !== one)).map((rest) => one + rest));
  return orders([..."ABCDE"]).filter((order) => {
    const at = (runner) => order.indexOf(runner);
    return at("A") < at("B") && at("C") < at("A") && at("D") === at("E") + 1 && at("C") !== 0;
  });
}

export function check(answer) {
  const last = answer
    .trim()
    .split("\n")
    .at(-1)
    .toUpperCase()
    .replace(/[^A-E]/g, "");
  return [line("the order is right", solutions().length === 1 && last === solutions()[0], last)];
}
