// What a response was asked: the conversation before it and its own message, as a list in pages.

import { badRequest } from "../openai-common/errors.js";
import { queued } from "./retrieve.js";

const LIMIT = 20;
const LIMIT_MAX = 100;

/**
 * @param {import("../inside.js").Inside} inside
 * @param {URLSearchParams} query
 */
export async function inputItems(inside, id, query) {
  const { limit, order, after } = read(query);
  const { spec } = await queued(inside, id);
  const all = itemsOf(id, spec);
  if (order === "desc") all.reverse();
  const from = after === null ? 0 : all.findIndex((item) => item.id === after) + 1;
  if (after !== null && from === 0) throw badRequest(`there is no item ${after.slice(0, 100)} here`, "after");
  const data = all.slice(from, from + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  };
}

/** The number of an item never changes, so that its id names it in every page. */
function itemsOf(id, { history = [], prompt }) {
  const texts = history.flatMap(({ request, answer }) => [
    ["user", request],
    ["assistant", answer],
  ]);
  return [...texts, ["user", prompt]].map(([role, text], index) => ({
    id: `msg_${id}_in${index}`,
    type: "message",
    status: "completed",
    role,
    content: [
      role === "user" ? { type: "input_text", text } : { type: "output_text", text, annotations: [], logprobs: [] },
    ],
  }));
}

function read(query) {
  const limit = query.get("limit") ?? String(LIMIT);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > LIMIT_MAX)
    throw badRequest(`limit has to be a whole number from 1 to ${LIMIT_MAX}`, "limit");
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw badRequest("order has to be asc or desc", "order");
  return { limit: Number(limit), order, after: query.get("after") };
}
