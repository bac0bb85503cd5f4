// The console: one page that shows what the API of the same origin tells it. Reading order: app.tsx (the shell),
// home/ (the prompt), list/ (all workflows), run/ (a workflow), workflow/ (pure: events to state), net/ (requests and
// the event stream), markdown/ (what models wrote).

import { render } from "preact";
import { App } from "./app";
import { applyTheme } from "./lib/theme";
import { takeFromAddress } from "./net/api";
import "./styles/index.css";

applyTheme();
takeFromAddress();
addEventListener("hashchange", takeFromAddress);
const root = document.getElementById("root");
if (root) render(<App />, root);
