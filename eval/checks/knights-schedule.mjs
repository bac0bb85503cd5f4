import { line } from "./common.mjs";

function solutions() {
  const orders = (left) =>
    left.length === 0
      ? [""]
      : left.flatMap((one) => orders(left.filter((other) => other !== one)).map((rest) => one + rest));
  return orders([..."PQRS"]).filter((order) => {
    const slot = (talk) => order.indexOf(talk) + 1;
    return slot("P") > 2 && slot("R") === slot("Q") + 1 && (slot("S") !== 4 || slot("P") === 3);
  });
}

export function check(answer) {
  const [, list = null] = /^BEGIN\s*\n([\s\S]*?)\n?END\s*$/m.exec(answer.trim()) ?? [];
  if (list === null) return [line("the lines BEGIN and END are there", false)];
  const given = list
    .split("\n")
    .map((text) => text.trim())
    .filter(Boolean);
  const expected = solutions();
  const same = given.length === expected.length && expected.every((order) => given.includes(order));
  return [
    line("the lines BEGIN and END are there", /END\s*$/.test(answer.trim())),
    line("exactly the right schedules", same, given.join(" ")),
  ];
}
