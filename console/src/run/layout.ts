// Where the nodes of the graph go, by dagre. Depends on the steps' names and edges and on the room: states and texts
// move nothing.

import { Graph as DagreGraph, layout as dagre } from "@dagrejs/dagre";
import { drawnEdges } from "../workflow/analysis";
import { isAfterSynthesis, type Step, type Workflow } from "../workflow/state";
import { wavesOf } from "./waves";

/** How much a node says: a card has room for tokens and model, a tile for a title of two lines, a row for one. */
export type NodeSize = "card" | "tile" | "row";

export interface Layout {
  size: NodeSize;
  width: number;
  height: number;
  nodes: Map<string, { x: number; y: number; width: number; height: number }>;
  edges: { from: string; to: string; path: string }[];
  /** A smaller scale would make the titles unreadable. */
  scaleMin: number;
}

/** In pixels: nobody should have to read smaller titles. */
export const TITLE_MIN = 11;
/** More steps than this never fit, so no layout is tried. */
const FITTING_MAX = 16;
const MARGIN = 12;

interface Measures {
  height: number;
  /** Subtasks are as wide as there is room for, between these. */
  narrowest: number;
  widest: number;
  /** The plan, the synthesis and what comes after it have short names. */
  end: number;
  between: { ranks: number; nodes: number };
  /** The title's font, as graph.css has it. */
  title: number;
}

const MEASURES: Record<NodeSize, Measures> = {
  card: { height: 80, narrowest: 124, widest: 176, end: 112, between: { ranks: 28, nodes: 12 }, title: 12.5 },
  tile: { height: 54, narrowest: 106, widest: 190, end: 102, between: { ranks: 18, nodes: 6 }, title: 11.5 },
  row: { height: 34, narrowest: 150, widest: 300, end: 112, between: { ranks: 32, nodes: 8 }, title: 12.5 },
};
const LARGEST_FIRST = ["card", "tile", "row"] as const;

export const layoutKey = (workflow: Workflow): string =>
  workflow.steps.map((step) => `${step.name}<${step.dependsOn.join(",")}`).join(";");

/** The largest nodes with which the whole graph is in the room and can be read. Null: a list says more. */
export function fittingLayout(workflow: Workflow, room: { width: number; height: number }): Layout | null {
  if (workflow.steps.length > FITTING_MAX) return null;
  for (const size of LARGEST_FIRST) {
    const layout = layoutOf(workflow, size, room.width);
    if (fittingScale(layout, room) >= layout.scaleMin) return layout;
  }
  return null;
}

/** The scale at which the whole graph is in the room; never above 1. */
export const fittingScale = (layout: Layout, room: { width: number; height: number }): number =>
  Math.min(1, room.width / layout.width, room.height / layout.height);

export function layoutOf(workflow: Workflow, size: NodeSize, roomWidth = 0): Layout {
  const { height: nodeHeight, end, between, title } = MEASURES[size];
  const middle = widthOfSubtasks(workflow, size, roomWidth);
  const graph = new DagreGraph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: between.nodes,
    ranksep: between.ranks,
    marginx: MARGIN,
    marginy: MARGIN,
    ranker: "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of workflow.steps)
    graph.setNode(step.name, { width: isEnd(step) ? end : middle, height: nodeHeight });
  for (const [from, to] of drawnEdges(workflow)) graph.setEdge(from, to);
  dagre(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const boxes = new Map(
    workflow.steps.map((step) => [
      step.name,
      graph.node(step.name) as { x: number; y: number; width: number; height: number },
    ]),
  );
  // dagre decides which way up; the plan's first subtask reads best at the top.
  const up = isUpsideDown(boxes) ? (y: number) => height - y : (y: number) => y;
  const nodes = new Map(
    [...boxes].map(([name, box]) => [
      name,
      { x: box.x - box.width / 2, y: up(box.y) - box.height / 2, width: box.width, height: box.height },
    ]),
  );
  const edges = graph.edges().map(({ v, w }) => {
    const { points } = graph.edge({ v, w }) as unknown as { points: { x: number; y: number }[] };
    return { from: v, to: w, path: curve(points.map(({ x, y }) => ({ x, y: up(y) }))) };
  });
  return { size, width, height, nodes, edges, scaleMin: TITLE_MIN / title };
}

const isEnd = (step: Step): boolean => step.kind === "plan" || step.kind === "synthesis" || isAfterSynthesis(step);

/** What is left of the room's width for each rank of subtasks. */
function widthOfSubtasks(workflow: Workflow, size: NodeSize, roomWidth: number): number {
  const { narrowest, widest, end, between } = MEASURES[size];
  const ranks = wavesOf(workflow).map((wave) => wave.every(isEnd));
  const ends = ranks.filter(Boolean).length;
  const room = roomWidth - 2 * MARGIN - between.ranks * (ranks.length - 1) - ends * end;
  return Math.max(narrowest, Math.min(widest, Math.floor(room / Math.max(1, ranks.length - ends))));
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
