import { Problem } from "../lib/say.mjs";

export async function debianRust() {
  throw new Problem("the target wasm32-unknown-unknown is missing: rustup target add wasm32-unknown-unknown");
}
