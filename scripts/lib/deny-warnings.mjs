#!/usr/bin/env node
// cargo's RUSTC_WORKSPACE_WRAPPER: compiles this crate, and only this one, with warnings denied.

import { spawnSync } from "node:child_process";

const [rustc, ...args] = process.argv.slice(2);
const { status } = spawnSync(rustc, [...args, "-Dwarnings"], { stdio: "inherit" });
process.exitCode = status ?? 1;
