// What an object of a fleet erases stays in the bucket: in its last snapshot there, and in the log since. workerd writes
// a new snapshot, and deletes both, once the log is as long as the snapshot (seen in November 2026). So after an erasure
// the log is made as long as that. On a disk, and on Cloudflare, there is nothing to do.

/** In the object's storage: when something was erased that the bucket may still hold. */
const ERASED = "erased_at";
const CHUNK_BYTES = 1024 * 1024;
/** Of a pause for each MiB, so that what is erased meanwhile is erased with it. */
const PAUSE_MS = 1_000;

const TABLE = "CREATE TABLE IF NOT EXISTS rewritten (id INTEGER PRIMARY KEY, data BLOB)";
const WRITE = `INSERT OR REPLACE INTO rewritten VALUES (1, randomblob(${CHUNK_BYTES}))`;

export class BucketEraser {
  #ctx;
  #isInFleet;
  #running = null;

  constructor(ctx, env) {
    this.#ctx = ctx;
    this.#isInFleet = env.ORCHESTRATOR_WORKERS_FLEET !== undefined;
    // A process that ended in the middle of it left its mark.
    if (this.#isInFleet && ctx.storage.kv.get(ERASED) !== undefined) this.#start();
  }

  /** Something was erased. */
  erased() {
    if (!this.#isInFleet) return;
    this.#ctx.storage.kv.put(ERASED, Date.now());
    this.#start();
  }

  #start() {
    this.#running ??= this.#rewrite()
      .catch((error) => console.error("erasing the bucket failed; the next erasure tries again:", error))
      .finally(() => {
        this.#running = null;
      });
    this.#ctx.waitUntil(this.#running);
  }

  async #rewrite() {
    const { sql, kv } = this.#ctx.storage;
    for (let erasedAt = kv.get(ERASED); erasedAt !== undefined; erasedAt = kv.get(ERASED)) {
      const chunks = Math.ceil(sql.databaseSize / CHUNK_BYTES) + 1;
      await scheduler.wait(chunks * PAUSE_MS);
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
  }
}
