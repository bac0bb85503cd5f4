import { dataOf, rule } from "./lib/rules.mjs";

export function check(answer, tools) {
  const contacts = dataOf(answer, tools)?.contacts;
  const is = (field, at, expected) =>
    rule(`${field} of ${at + 1}`, () => {
      const found = contacts[at][field];
      return expected.some((one) => one === found) ? null : JSON.stringify(found);
    });
  return [
    rule("nothing but JSON", () => {
      const rest = answer.replace(/```\w*|```/g, "").trim();
      return rest.startsWith("{") && rest.endsWith("}") ? null : rest.slice(0, 80);
    }),
    rule("the three, in order", () => {
      const names = contacts.map(({ name }) => name);
      const isIt = ["Adeyemi", "Lund", "Tanaka"].every((name, at) => names[at]?.includes(name)) && names.length === 3;
      return isIt ? null : names.join(", ");
    }),
    is("email", 0, ["g.adeyemi@portwell.example"]),
    is("phone_e164", 0, ["+4528119034"]),
    is("email", 1, [null]),
    is("phone_e164", 1, ["+4532551780"]),
    is("phone_e164", 2, [null]),
    // The shared address is the only one by which she can be reached.
    is("email", 2, [null, "legal@portwell.example"]),
  ];
}
