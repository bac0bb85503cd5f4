// The instance of the WebAssembly that all objects of the isolate share, and the next one after a crash.
//
// A crash leaves the memory in an unknown state, so the next call makes a new instance with fresh memory, and
// constructs each object anew in it. Futures, timers and streams of the old instance are lost: calling back into it
// throws ("Cannot invoke closure from previous WASM instance").

import * as rust from "#worker";

// The stack of a panic is long.
Error.stackTraceLimit = 100;

/** The `worker` crate's: its panic hook sets `criticalError`, and each new instance gets a new `instanceId`. */
const state = rust.__worker_init_state();

/** The present instance has crashed: the next call must not use it. */
export function abandon() {
  state.criticalError = true;
}

/** What the Rust exports, of an instance that has not crashed. */
export function working() {
  if (state.criticalError || !sound()) {
    console.warn("the WebAssembly crashed: a new instance takes over");
    rust.__wbg_reset_state();
    state.criticalError = false;
  }
  return rust;
}

/**
 * Any call into an instance that wasm-bindgen knows to have crashed is refused, or makes the new one by itself. This
 * call does so before `instanceId` is looked at, because with an object of the old one it would use a stray address.
 */
function sound() {
  try {
    rust.__worker_init_state();
    return true;
  } catch {
    return false;
  }
}

/** An object of a Rust class, which `construct` makes in each new instance. */
export class RustObject {
  #construct;
  #object;
  #instanceId;

  constructor(construct) {
    this.#construct = construct;
  }

  /** The object, of an instance that has not crashed. */
  get working() {
    const exported = working();
    if (this.#instanceId !== state.instanceId) {
      this.#object = this.#construct(exported);
      this.#instanceId = state.instanceId;
    }
    return this.#object;
  }
}
