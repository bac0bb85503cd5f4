/** Node calls its SQLite experimental, each time and to everybody. */
export function quietAboutSqlite() {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}
