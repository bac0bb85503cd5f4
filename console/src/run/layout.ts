// Where the nodes of the graph go, by dagre. Depends on the steps' names and edges only: states and texts move nothing.

import { Graph as DagreGraph, layout as dagre } from "@dagrejs/dagre";
import { drawnEdges } from "../workflow/analysis";
import type { Workflow } from "../workflow/state";

export interface Layout {
  width: number;
  height: number;
  nodes: Map<string, { x: number; y: number; width: number; height: number }>;
  edges: { from: string; to: string; path: string }[];
}

/** From this many steps on, nodes are small. */
const COMPACT_FROM = 14;
const MARGIN = 16;

export const isCompact = (workflow: Workflow): boolean => workflow.steps.length >= COMPACT_FROM;

export const layoutKey = (workflow: Workflow): string =>
  workflow.steps.map((step) => `${step.name}<${step.dependsOn.join(",")}`).join(";");

export function layoutOf(workflow: Workflow): Layout {
  const compact = isCompact(workflow);
  const size = compact ? { width: 176, height: 34 } : { width: 156, height: 80 };
  const graph = new DagreGraph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: compact ? 8 : 14,
    ranksep: compact ? 36 : 32,
    marginx: MARGIN,
    marginy: MARGIN,
    ranker: "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of workflow.steps) graph.setNode(step.name, { ...size });
  for (const [from, to] of drawnEdges(workflow)) graph.setEdge(from, to);
  dagre(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const centers = new Map(workflow.steps.map((step) => [step.name, graph.node(step.name) as { x: number; y: number }]));
  // dagre decides which way up; the plan's first subtask reads best at the top.
  const up = isUpsideDown(centers) ? (y: number) => height - y : (y: number) => y;
  const nodes = new Map(
    [...centers].map(([name, { x, y }]) => [name, { x: x - size.width / 2, y: up(y) - size.height / 2, ...size }]),
  );
  const edges = graph.edges().map(({ v, w }) => {
    const { points } = graph.edge({ v, w }) as unknown as { points: { x: number; y: number }[] };
    return { from: v, to: w, path: curve(points.map(({ x, y }) => ({ x, y: up(y) }))) };
  });
  return { width, height, nodes, edges };
}

/** Whether, column by column, later steps lie above earlier ones rather than below. */
function isUpsideDown(centers: Map<string, { x: number; y: number }>): boolean {
  const last = new Map<number, number>();
  let balance = 0;
  for (const { x, y } of centers.values()) {
    const above = last.get(x);
    if (above !== undefined) balance += Math.sign(y - above);
    last.set(x, y);
  }
  return balance < 0;
}

/** A smooth line through dagre's points: quadratic curves between the middles of its segments. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  const last = points[points.length - 1];
  if (!first || !last) return "";
  let path = `M${round(first.x)},${round(first.y)}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const here = rest[i];
    const next = rest[i + 1];
    if (!here || !next) break;
    path += `Q${round(here.x)},${round(here.y)} ${round((here.x + next.x) / 2)},${round((here.y + next.y) / 2)}`;
  }
  return `${path}L${round(last.x)},${round(last.y)}`;
}

const round = (n: number): number => Math.round(n * 10) / 10;
