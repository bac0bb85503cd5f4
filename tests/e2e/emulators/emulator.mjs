// What the emulated services share: a server, the record of every call, and the scripts of the workflows under test.

import { createServer } from "node:http";
import { identify, markPrompt } from "./identify.mjs";
import { play } from "./play.mjs";
import { defaultScript } from "./scripts.mjs";

/**
 * One call of the model, as it was seen from the service's side:
 * `{ workflow, kind, step, task, number, model, messages, body, headers, path, arrivedAt, firstByteAt, closedAt,
 * closedBy, frames }`. `number` counts the calls of this kind (and subtask) of this workflow from 1. `closedBy` is
 * `client` where the caller hung up before the reply had ended, `server` otherwise; both stay null while the call is
 * open.
 * `frames` counts those of a stream that were sent, which is one for each token and a few around them.
 */
export class Emulator {
  calls = [];
  /** What no real service would accept, or no careful client would send. Tests assert that it stays empty. */
  violations = [];
  #scripts = new Map();
  #server;
  #serve;

  /** `serve(request, body, response, emulator)` speaks the protocol. */
  constructor(serve) {
    this.#serve = serve;
    this.#server = createServer((request, response) => this.#accept(request, response));
    // A refused call must show up at once, not after the five minutes that Node gives a request by default.
    this.#server.keepAliveTimeout = 60_000;
  }

  async listen(port = 0) {
    await new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /**
   * A workflow with a script of its own: `script(call, number)` gives what to do, and what it gives nothing for goes by
   * the default. The names of one emulator are unique, so that tests share it.
   */
  workflow(script = () => undefined) {
    const name = `w${this.#scripts.size + 1}`;
    this.#scripts.set(name, script);
    return new ScriptedWorkflow(this, name);
  }

  /**
   * Records and checks a call, and carries out its script. `wire` is as for `play`, and has `problems(call)`, which
   * gives what is wrong with the call, and `refusal(call)`, what the service answers whatever the script says (or
   * null).
   */
  async perform(call, response, wire) {
    const seen = { arrivedAt: Date.now(), firstByteAt: null, closedAt: null, closedBy: null, frames: 0 };
    Object.assign(call, identify(call), seen);
    call.number = 1 + this.calls.filter((other) => sameStep(other, call)).length;
    this.calls.push(call);
    for (const problem of wire.problems(call))
      this.violate(`${call.step} ${call.task ?? ""} of ${call.workflow}: ${problem}`);
    response.once("close", () => {
      call.closedAt = Date.now();
      call.closedBy = response.writableFinished ? "server" : "client";
    });
    const mark = () => {
      call.firstByteAt = Date.now();
    };
    const script = wire.refusal(call) ?? this.#scripts.get(call.workflow)?.(call, call.number) ?? defaultScript(call);
    const sent = () => {
      call.frames += 1;
    };
    await play(response, script, { ...wire, mark, sent });
  }

  violate(message) {
    this.violations.push(message);
  }

  async #accept(request, response) {
    try {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      await this.#serve(request, Buffer.concat(chunks).toString("utf8"), response, this);
    } catch (failure) {
      // A caller that hangs up in the middle of its request is no fault of the emulator's.
      if (request.destroyed && !request.complete) return;
      this.violate(`the emulator failed: ${failure.stack}`);
      response.destroy();
    }
  }
}

class ScriptedWorkflow {
  constructor(emulator, name) {
    this.emulator = emulator;
    this.name = name;
  }

  prompt(words = "Write about three things.") {
    return markPrompt(words, this.name);
  }

  calls(step, task) {
    return this.emulator.calls.filter(
      (call) =>
        call.workflow === this.name &&
        (step === undefined || call.step === step) &&
        (task === undefined || call.task === task),
    );
  }

  count(step, task) {
    return this.calls(step, task).length;
  }
}

function sameStep(one, other) {
  return one.workflow === other.workflow && one.kind === other.kind && one.task === other.task;
}
