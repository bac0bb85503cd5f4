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

export const layoutKey = (workflow: Workflow): string => workflow.steps.map((step) => `${step.name}<${step.dependsOn.join(",")}`).join(";");

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
  const nodes = new Map(
    workflow.steps.map((step) => {
      const { x, y } = graph.node(step.name) as { x: number; y: number };
      return [step.name, { x: x - size.width / 2, y: y - size.height / 2, ...size }];
    }),
  );
  const edges = graph.edges().map(({ v, w }) => {
    const { points } = graph.edge({ v, w }) as unknown as { points: { x: number; y: number }[] };
    return { from: v, to: w, path: curve(points) };
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, nodes, edges };
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
