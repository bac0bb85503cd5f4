// `node scripts/package/check-tag.mjs v0.1.0`: the tag, package.json, Cargo.toml and the changelog speak of one
// version. Prints it.

import { readFileSync } from "node:fs";
import { inRoot } from "../lib/paths.mjs";
import { main, Problem } from "../lib/say.mjs";

await main(async () => {
  const tag = process.argv[2] ?? "";
  const read = (name) => readFileSync(inRoot(name), "utf8");
  const versions = {
    "package.json": JSON.parse(read("package.json")).version,
    "Cargo.toml": /^version = "(.+)"$/m.exec(read("Cargo.toml"))?.[1],
  };
  for (const [file, version] of Object.entries(versions))
    if (tag !== `v${version}`)
      throw new Problem(`the tag is ${tag || "missing"}, but ${file} has the version ${version}`);
  const version = tag.slice(1);
  if (!read("CHANGELOG.md").includes(`\n## [${version}]`))
    throw new Problem(`CHANGELOG.md has no section [${version}]`);
  console.log(version);
});
