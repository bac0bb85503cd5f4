// Fails where a line of ours is too wide: rustfmt and Biome break code, but neither strings nor comments.

import { wideLinesOfProject } from "../lib/line-width.mjs";
import { main } from "../lib/say.mjs";

await main(async () => {
  const wide = await wideLinesOfProject();
  for (const line of wide) console.log(line);
  return wide.length === 0 ? 0 : 1;
});
