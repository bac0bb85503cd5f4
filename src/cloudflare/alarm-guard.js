// An alarm that never fails. The platform repeats a handler that throws six times, within about two minutes, and then
// forgets the alarm: whatever broke it for longer would strand the object. So a failure is logged here, the next alarm
// is armed, and the handler resolves. The pause doubles with each failure in a row.
//
// The Rust alarm does the same for what it can foresee (src/runner/wake), and the two share one count: the Rust alarm
// deletes it when it succeeds. It lies in the object's key-value storage, because an eviction may come between two
// alarms. It is written after a failure only, so that an object without a workflow gets it only where its alarm fires
// while the configuration is wrong, or crashes.

/** As src/cloudflare/sql.rs has it. */
const FAILURES = "alarm_failures";
/** The least that the variable may be. With another value it is the configuration that is wrong. */
const HEARTBEAT_MS_MIN = 100;
const FIRST_PAUSE_MS_MAX = 10_000;
const PAUSE_MS_MAX = 600_000;

/** Runs the handler `alarm` of an object. Rejects only if the object's storage fails, and the platform repeats it. */
export async function neverFailing({ storage, id }, { HEARTBEAT_MS }, alarm) {
  try {
    await alarm();
  } catch (error) {
    const failures = (storage.kv.get(FAILURES) ?? 0) + 1;
    const at = new Date(Date.now() + pauseMs(failures, HEARTBEAT_MS));
    const line = { level: "error", message: `the alarm failed: ${error}`, object: id.name, failures, next_alarm: at };
    console.error(JSON.stringify(line));
    // Without an await in between: both are kept, or none.
    const armed = storage.setAlarm(at);
    storage.kv.put(FAILURES, failures);
    await armed;
  }
}

/** After the first failure a heartbeat, so that a single crash costs a workflow no more than that. */
export function pauseMs(failures, heartbeatMs) {
  const heartbeat = Number(heartbeatMs);
  const first = heartbeat >= HEARTBEAT_MS_MIN ? Math.min(heartbeat, FIRST_PAUSE_MS_MAX) : FIRST_PAUSE_MS_MAX;
  return Math.min(first * 2 ** (failures - 1), PAUSE_MS_MAX);
}
