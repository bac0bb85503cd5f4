// What an object erases stays for a while beside its tables: in a fleet's bucket in its last snapshot and in the log
// since, on a disk in SQLite's log, as long as the object is asked often enough to stay in memory. workerd writes a new
// snapshot, and deletes both, once the log is as long as the snapshot (seen in November 2026); SQLite folds its log in
// once it has 1,000 pages, and begins it anew. So after an erasure the log is made long. On Cloudflare there is nothing
// to do.

/** In the object's storage: when something was erased that may still be there. */
const ERASED = "erased_at";
const CHUNK_BYTES = 1024 * 1024;
/** Twice the 1,000 pages: to have the log folded in, and to have it overwritten. */
const LOG_CHUNKS = 9;
/** Before each chunk's worth, so that what is erased meanwhile is erased with it. */
const PAUSE_MS = 1_000;
/** An object that nobody asks is closed by then, and its log with it. */
const DISK_PAUSE_MS = 20_000;

const TABLE = "CREATE TABLE IF NOT EXISTS rewritten (id INTEGER PRIMARY KEY, data BLOB)";
const WRITE = `INSERT OR REPLACE INTO rewritten VALUES (1, randomblob(${CHUNK_BYTES}))`;

export class Eraser {
  #ctx;
  #isInFleet;
  #isNeeded;
  #isRunning = false;

  /** `isOurs`: the object's files are on our own disk, or in our own bucket. */
  constructor(ctx, env, isOurs) {
    this.#ctx = ctx;
    this.#isInFleet = env.ORCHESTRATOR_WORKERS_FLEET !== undefined;
    this.#isNeeded = isOurs;
    // A process that ended in the middle of it left its mark.
    if (this.#isNeeded && ctx.storage.kv.get(ERASED) !== undefined) this.#start();
  }

  /** Something was erased. */
  erased() {
    if (!this.#isNeeded) return;
    this.#ctx.storage.kv.put(ERASED, Date.now());
    this.#start();
  }

  #start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const rewriting = this.#rewrite().catch((error) => {
      this.#isRunning = false;
      console.error("erasing failed; the next erasure tries again:", error);
    });
    this.#ctx.waitUntil(rewriting);
  }

  async #rewrite() {
    const { sql, kv } = this.#ctx.storage;
    for (let erasedAt = kv.get(ERASED); erasedAt !== undefined; erasedAt = kv.get(ERASED)) {
      const chunks = this.#isInFleet ? Math.ceil(sql.databaseSize / CHUNK_BYTES) + 1 : LOG_CHUNKS;
      await scheduler.wait(this.#isInFleet ? chunks * PAUSE_MS : DISK_PAUSE_MS);
      erasedAt = kv.get(ERASED);
      sql.exec(TABLE);
      for (let chunk = 0; chunk < chunks; chunk++) {
        sql.exec(WRITE);
        await this.#ctx.storage.sync();
      }
      sql.exec("DROP TABLE rewritten");
      if (kv.get(ERASED) === erasedAt) kv.delete(ERASED);
      await this.#ctx.storage.sync();
    }
    // No await since the last look.
    this.#isRunning = false;
  }
}
