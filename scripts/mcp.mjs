// `node scripts/mcp.mjs --url ... --token ...`: the bridge for MCP clients that start a program. Needs Node 18 or newer
// and nothing else. Not an npm script, because npm prints to stdout, where nothing but the protocol may stand.

import { mcp } from "./mcp/index.mjs";

process.exitCode = await mcp(process.argv.slice(2));
