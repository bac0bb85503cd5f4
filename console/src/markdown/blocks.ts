// Markdown to top-level blocks, so that while text streams only the block that changes is rendered again.

import { Marked, type Token, type Tokens } from "marked";

export interface Block {
  /** The Markdown of this block: where it is the same, so is what is shown. */
  raw: string;
  html: string;
  /** Where it ends in the whole text, in UTF-16 units. */
  end: number;
  /** The words of a heading; null of every other block. */
  heading: string | null;
}

/**
 * HTML within Markdown is shown as the text that it is, but for a few tags without attributes. The sanitiser would
 * remove the rest as well; but even a parser that runs nothing complains of styles and handlers in the browser's
 * console.
 */
const PLAIN_TAG = /&lt;(\/?(?:b|br|del|details|em|hr|i|kbd|mark|s|small|strong|sub|summary|sup|u))\s*\/?&gt;/gi;

const marked = new Marked({ gfm: true, breaks: false });

marked.use({
  renderer: {
    html({ text, block }: Tokens.HTML | Tokens.Tag) {
      const shown = escapeHtml(text).replace(PLAIN_TAG, "<$1>");
      return block && !/<(details|summary)>/i.test(shown) ? `<p>${shown}</p>` : shown;
    },
    // A picture would be a request to somebody else's server: its address becomes a link.
    image({ href, text, title }: Tokens.Image) {
      return `<a href="${escapeHtml(href)}" title="${escapeHtml(title ?? "")}">Image: ${escapeHtml(text || href)}</a>`;
    },
    checkbox({ checked }: Tokens.Checkbox) {
      return checked ? "☑ " : "☐ ";
    },
  },
});

/** The blocks of a text that grows: what is complete is not looked at again. */
export class GrowingMarkdown {
  #stable: Block[] = [];
  #stableText = "";
  #tail: Block[] = [];
  #text = "";
  #final = false;

  update(text: string, final: boolean): Block[] {
    if (text === this.#text && final === this.#final) return this.#blocks();
    // At the end the whole is read once more: a link's address may be defined far below it.
    if (final || !text.startsWith(this.#stableText)) {
      this.#stable = [];
      this.#stableText = "";
    }
    const tokens = lex(text.slice(this.#stableText.length));
    // Only the last block can still change; one more is kept open to be on the safe side.
    const open = final ? 0 : Math.max(0, tokens.length - 2);
    const settled = final ? [] : tokens.slice(0, open);
    this.#stable.push(...rendered(settled, this.#stableText.length));
    this.#stableText += settled.map((token) => token.raw).join("");
    this.#tail = rendered(final ? tokens : tokens.slice(open), this.#stableText.length);
    this.#text = text;
    this.#final = final;
    return this.#blocks();
  }

  #blocks(): Block[] {
    return [...this.#stable, ...this.#tail].filter((block) => block.html !== "");
  }
}

function lex(text: string): Token[] {
  return marked.lexer(text);
}

function rendered(tokens: Token[], from: number): Block[] {
  let end = from;
  return tokens.map((token) => {
    end += token.raw.length;
    const isShown = token.type !== "space" && token.type !== "def";
    const html = isShown ? marked.parser([token]) : "";
    return { raw: token.raw, html, end, heading: token.type === "heading" ? plain(token.text) : null };
  });
}

/** Without the marks of emphasis and code. */
const plain = (text: string): string | null => text.replace(/[*_`]/g, "").trim() || null;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
