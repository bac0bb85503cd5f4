import { runCases } from "./lib/cases.mjs";

export const check = (answer, tools) => runCases(answer, tools, { file: "stock.ts", cases });

const cases = {
  "receives, reserves, confirms and releases": ({ Stock }, assert) => {
    const stock = new Stock();
    const figures = () => [stock.onHand("a"), stock.available("a")];
    assert.deepEqual(figures(), [0, 0]);
    stock.handle({ type: "receive", id: "1", sku: "a", quantity: 10 }, 0);
    const reserve = (id, quantity) =>
      stock.handle({ type: "reserve", id, reservation: `r${id}`, lines: [{ sku: "a", quantity }], expiresAt: 100 }, 0);
    assert.ok(reserve("2", 4).length > 0);
    reserve("3", 5);
    assert.deepEqual(figures(), [10, 1]);
    stock.handle({ type: "confirm", id: "4", reservation: "r2" }, 1);
    assert.deepEqual(figures(), [6, 1]);
    stock.handle({ type: "release", id: "5", reservation: "r3" }, 1);
    assert.deepEqual(figures(), [6, 6]);
  },
  "all or nothing, lines of one article together": ({ Stock, Refused }, assert) => {
    const stock = new Stock();
    stock.handle({ type: "receive", id: "1", sku: "a", quantity: 5 }, 0);
    stock.handle({ type: "receive", id: "2", sku: "b", quantity: 5 }, 0);
    const reserve = (...lines) =>
      stock.handle({ type: "reserve", id: "3", reservation: "r", lines, expiresAt: 100 }, 0);
    const isIt = (error) => error instanceof Refused && error.reason === "insufficient";
    assert.throws(() => reserve({ sku: "b", quantity: 5 }, { sku: "a", quantity: 6 }), isIt);
    assert.throws(() => reserve({ sku: "a", quantity: 3 }, { sku: "a", quantity: 3 }), isIt);
    assert.deepEqual([stock.available("a"), stock.available("b")], [5, 5]);
    // A refused command has left its id free.
    assert.ok(reserve({ sku: "a", quantity: 5 }).length > 0);
  },
  "gives each reason": ({ Stock, Refused }, assert) => {
    const stock = new Stock();
    stock.handle({ type: "receive", id: "1", sku: "a", quantity: 9 }, 0);
    const lines = [{ sku: "a", quantity: 1 }];
    const reserve = (id, reservation) => ({ type: "reserve", id, reservation, lines, expiresAt: 50 });
    stock.handle(reserve("2", "r1"), 0);
    stock.handle(reserve("3", "r2"), 0);
    stock.handle({ type: "release", id: "4", reservation: "r1" }, 0);
    for (const [reason, command, now] of [
      ["unknown-reservation", { type: "confirm", id: "x1", reservation: "none" }, 0],
      ["not-active", { type: "confirm", id: "x2", reservation: "r1" }, 0],
      ["not-active", { type: "release", id: "x3", reservation: "r1" }, 0],
      ["expired", { type: "confirm", id: "x4", reservation: "r2" }, 50],
      ["duplicate-reservation", reserve("x5", "r2"), 0],
      ["invalid", { type: "receive", id: "x6", sku: "a", quantity: 0 }, 0],
      ["invalid", { type: "receive", id: "x7", sku: "a", quantity: 1.5 }, 0],
    ])
      assert.throws(
        () => stock.handle(command, now),
        (error) => error instanceof Refused && error.reason === reason,
        `${command.type} is not refused as ${reason}`,
      );
  },
  "expires at the very instant": ({ Stock }, assert) => {
    const stock = new Stock();
    stock.handle({ type: "receive", id: "1", sku: "a", quantity: 2 }, 0);
    const lines = [{ sku: "a", quantity: 1 }];
    stock.handle({ type: "reserve", id: "2", reservation: "r1", lines, expiresAt: 50 }, 0);
    stock.handle({ type: "reserve", id: "3", reservation: "r2", lines, expiresAt: 51 }, 0);
    stock.handle({ type: "expire", id: "4" }, 50);
    assert.equal(stock.available("a"), 1);
    stock.handle({ type: "confirm", id: "5", reservation: "r2" }, 50);
    assert.deepEqual([stock.onHand("a"), stock.available("a")], [1, 1]);
  },
  "the same command counts once, also after a replay through JSON": ({ Stock }, assert) => {
    const stock = new Stock();
    const commands = [
      { type: "receive", id: "1", sku: "a", quantity: 5 },
      { type: "reserve", id: "2", reservation: "r", lines: [{ sku: "a", quantity: 2 }], expiresAt: 50 },
      { type: "confirm", id: "3", reservation: "r" },
    ];
    const events = commands.flatMap((command) => stock.handle(command, 0));
    for (const command of commands) assert.deepEqual(stock.handle(command, 0), []);
    const replayed = new Stock(JSON.parse(JSON.stringify(events)));
    for (const command of commands) assert.deepEqual(replayed.handle(command, 0), []);
    for (const one of [stock, replayed]) assert.deepEqual([one.onHand("a"), one.available("a")], [3, 3]);
  },
};
