import { runs } from "./common.mjs";

export const check = (answer, tools) =>
  runs(answer, tools, {
    file: "redact.mjs",
    imports: "{ redact }",
    tests: {
      "addresses are replaced":
        'assert.equal(redact("a.b@c.org from 10.0.0.255, x@y.de"), "[email] from [ip], [email]");',
      "versions and times stay": 'assert.equal(redact("v1.2.3 at 10:20:30"), "v1.2.3 at 10:20:30");',
      "octets above 255 are none": 'assert.ok(!redact("host 999.1.1.1 x").includes("[ip]"));',
      "hostile lines take no time": `const before = performance.now(); redact("a".repeat(100000));
        redact("1.".repeat(50000)); redact("@".repeat(50000)); assert.ok(performance.now() - before < 2000);`,
    },
  });
