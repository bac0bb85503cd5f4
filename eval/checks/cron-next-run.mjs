import { runCases } from "./lib/cases.mjs";

export const check = (answer, tools) => runCases(answer, tools, { file: "cron.mjs", cases });

const cases = {
  "steps, ranges and lists": ({ next }, assert) => {
    const of = (expression, from) => next(expression, new Date(from)).toISOString();
    assert.equal(of("*/15 * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:15:00.000Z");
    assert.equal(of("10-40/10 3,5 * * *", "2026-01-01T03:40:00Z"), "2026-01-01T05:10:00.000Z");
    assert.equal(of(" 0\t0  1 1 * ", "2026-01-01T00:00:00Z"), "2027-01-01T00:00:00.000Z");
  },
  "strictly after, without seconds": ({ next }, assert) => {
    const from = new Date("2026-03-05T09:00:00.000Z");
    assert.equal(next("0 9 * * *", from).toISOString(), "2026-03-06T09:00:00.000Z");
    assert.equal(next("0 9 * * *", new Date(from.getTime() - 1)).toISOString(), "2026-03-05T09:00:00.000Z");
    assert.equal(next("* * * * *", new Date("2026-12-31T23:59:30.500Z")).toISOString(), "2027-01-01T00:00:00.000Z");
    assert.equal(from.toISOString(), "2026-03-05T09:00:00.000Z", "the argument is left alone");
  },
  "names and both Sundays": ({ next }, assert) => {
    const of = (expression) => next(expression, new Date("2026-01-01T00:00:00Z")).toISOString().slice(0, 10);
    assert.equal(of("0 12 * feb-APR Mon"), "2026-02-02");
    assert.equal(of("0 12 * * 0"), "2026-01-04");
    assert.equal(of("0 12 * * 7"), "2026-01-04");
    assert.equal(of("0 12 * * 6-7"), "2026-01-03");
    assert.equal(of("0 12 * * sun"), "2026-01-04");
  },
  "either day if both are restricted": ({ next }, assert) => {
    const of = (expression, from) => next(expression, new Date(from)).toISOString().slice(0, 10);
    assert.equal(of("0 0 13 * fri", "2026-01-01T12:00:00Z"), "2026-01-02");
    assert.equal(of("0 0 13 * fri", "2026-01-10T12:00:00Z"), "2026-01-13");
    assert.equal(of("0 0 13 * *", "2026-01-01T12:00:00Z"), "2026-01-13");
    assert.equal(of("0 0 * * fri", "2026-01-03T12:00:00Z"), "2026-01-09");
  },
  "29 February across 2100": ({ next }, assert) => {
    const of = (from) => next("0 0 29 2 *", new Date(from)).toISOString().slice(0, 10);
    assert.equal(of("2026-01-01T00:00:00Z"), "2028-02-29");
    assert.equal(of("2096-02-29T00:00:00Z"), "2104-02-29");
  },
  "what never fires is a RangeError, quickly": ({ next }, assert) => {
    const before = Date.now();
    for (const expression of ["0 0 30 2 *", "0 0 31 4,6,9,11 *"])
      assert.throws(() => next(expression, new Date("2026-01-01T00:00:00Z")), RangeError, expression);
    assert.ok(Date.now() - before < 2_000, "it took more than two seconds");
  },
  "errors are of syntax and name the field": ({ parse }, assert) => {
    const faults = {
      minute: ["60 * * * *", "*/0 * * * *", "1, * * * *", "x * * * *", "5-1 * * * *", "1x * * * *", "-1 * * * *"],
      hour: ["0 24 * * *", "0 1-2-3 * * *", "0 1/ * * *"],
      "day of month": ["0 0 0 * *", "0 0 32 * *", "0 0 mon * *"],
      month: ["0 0 1 13 *", "0 0 1 foo *", "0 0 1 0 *"],
      "day of week": ["0 0 * * 8", "0 0 * * funday", "0 0 * * 1.5"],
    };
    for (const [field, list] of Object.entries(faults))
      for (const expression of list)
        assert.throws(
          () => parse(expression),
          (error) => error instanceof SyntaxError && error.message.toLowerCase().includes(field),
          `"${expression}" is no SyntaxError that names the ${field}`,
        );
    for (const expression of ["", "* * * *", "* * * * * *"]) assert.throws(() => parse(expression), SyntaxError);
  },
};
