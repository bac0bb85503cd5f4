// Texts that are made by rule: numbers, encodings, records, symbols, random characters. The same at every run.

import { createHash } from "node:crypto";
import { random } from "./random.mjs";

const next = random(20_261_126);
const below = (n) => Math.floor(next() * n);
const pick = (list) => list[below(list.length)];
const times = (n, make) => Array.from({ length: n }, (_, index) => make(index));
const bytes = (n) => Buffer.from(times(n, () => below(256)));
const from = (alphabet, n) => times(n, () => pick([...alphabet])).join("");
const hash = (name) => createHash("sha256").update(name).digest("hex");
const uuid = (n) => hash(`uuid ${n}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const PRINTABLE = times(95, (n) => String.fromCharCode(32 + n)).join("");
const PUNCTUATION = PRINTABLE.replace(/[a-zA-Z0-9 ]/g, "");

const RECORDS = times(6, (n) => ({
  id: uuid(n),
  name: pick(["pump", "valve", "sensor", "relay", "boiler"]) + (n + 1),
  active: next() < 0.5,
  reading: Number((next() * 1000).toFixed(3)),
  tags: times(2, () => pick(["north", "south", "spare", "checked"])),
  updatedAt: new Date(1_700_000_000_000 + below(1e10)).toISOString(),
  parent: null,
}));

const LOG = times(5, (n) =>
  [
    `2026-03-0${n + 1}T0${n}:1${n}:59.${100 + below(900)}Z WARN [worker-${below(64)}] pid=${below(65536)}`,
    `took=${below(9000)}ms 10.0.${below(256)}.${below(256)}:${below(65536)} GET /api/v2/items/${below(1e6)}`,
    `503 0x${hash(`p${n}`).slice(0, 12)}`,
  ].join(" "),
).join("\n");
const URLS = times(4, (n) =>
  [
    `https://cdn${n}.example.com/assets/${hash(`u${n}`).slice(0, 16)}/img_${below(1e5)}.webp?utm_source=news`,
    `utm_id=${below(1e9)}&sig=${bytes(18).toString("base64url")}%3D%3D&redirect=%2Fa%2Fb%3Fq%3D${n}#L${below(400)}`,
  ].join("&"),
).join("\n");
const VERBS = ["get", "set", "is", "parse", "HTTP", "xml", "on"];
const NOUNS = ["User", "Id", "Buffer", "2D", "Async", "URL", "Qty", "_ref", "Ctx"];

const EMOJI = "😀😂🥰😎🤖👻💩🎉🔥✨🌍🚀🦀🐙🍕🏳️⚽🎸📦🔒💡⚙️❤️👍👩🧪🛰️".match(/\p{Emoji}\uFE0F?/gu);
const FAMILIES = ["👨‍👩‍👧‍👦", "👩🏽‍🚀", "🧑🏿‍🤝‍🧑🏻", "🏴‍☠️", "👩‍❤️‍💋‍👨", "🤦🏼‍♂️", "🐻‍❄️", "🏳️‍🌈"];
const FLAGS = ["🇩🇪", "🇯🇵", "🇧🇷", "🇰🇪", "🇫🇮", "🇮🇳", "🇺🇸", "🇰🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"];
const zalgo = (text) =>
  [...text].map((letter) => letter + times(4, () => String.fromCodePoint(0x300 + below(0x70))).join("")).join("");

/** By kind, name and text. */
export const GENERATED = {
  numbers: {
    digits: from(DIGITS, 300),
    numbers_spaced: times(50, () => below(10 ** (1 + below(7)))).join(" "),
    numbers_decimal: times(30, () => (next() * 1000 - 500).toFixed(below(6))).join(", "),
    csv: times(12, () => times(5, () => below(1e4)).join(",")).join("\n"),
    dates: times(12, () => new Date(below(2 ** 31) * 1000).toUTCString()).join("\n"),
  },
  encoded: {
    base64: bytes(225).toString("base64"),
    base64_lines: bytes(225).toString("base64").replace(/.{64}/g, "$&\n"),
    base64url: times(8, () => bytes(24).toString("base64url")).join("."),
    base32: from(`${UPPER}234567`, 300),
    hex: bytes(150).toString("hex"),
    hex_upper: bytes(150).toString("hex").toUpperCase(),
    hex_dump: times(
      10,
      (n) => `${(n * 16).toString(16).padStart(8, "0")}  ${bytes(12).toString("hex").replace(/../g, "$& ")}`,
    ).join("\n"),
    uuids: times(8, (n) => uuid(n + 50)).join("\n"),
    hashes: times(4, (n) => hash(`h${n}`)).join("  file\n"),
    dna: from("ACGT", 300),
  },
  code: {
    identifiers: times(24, () => pick(VERBS) + times(2 + below(3), () => pick(NOUNS)).join("")).join(" "),
    snake_case: times(24, () =>
      times(2 + below(4), () => pick(["max", "ctx", "user", "tbl", "idx", "fkey", "utc", "len"])).join("_"),
    ).join(" "),
    json: JSON.stringify(RECORDS),
    json_indented: JSON.stringify(RECORDS.slice(0, 4), null, 2),
    json_nested: JSON.stringify(times(5, (n) => ({ a: [[n, [n, { b: 'x"\\/\n' }]], {}], "": [null, true, -1e-7] }))),
    xml: RECORDS.map(
      ({ id, name, reading }) => `<item id="${id}"><n>${name}</n><v unit="kPa">${reading}</v></item>`,
    ).join(""),
    yaml: RECORDS.map((r) => `- id: ${r.id}\n  name: ${r.name}\n  tags:\n    - ${r.tags.join("\n    - ")}\n`).join(""),
    log: LOG,
    urls: URLS,
    emails: times(10, () => `${from(LOWER, 5)}.${from(LOWER, 7)}${below(100)}@${from(LOWER, 8)}.co.uk`).join("; "),
    stack_trace: times(
      6,
      (n) =>
        `    at Object.<anonymous> (/srv/app/node_modules/@scope/pkg-${n}/dist/index.cjs:${below(900)}:${below(80)})`,
    ).join("\n"),
  },
  symbols: {
    emoji: times(100, () => pick(EMOJI)).join(""),
    emoji_spaced: times(60, () => pick(EMOJI)).join(" "),
    emoji_sequences: times(30, () => pick(FAMILIES)).join(""),
    flags: times(40, () => pick(FLAGS)).join(""),
    emoji_in_text: times(
      12,
      () => `Great work ${pick(EMOJI)}${pick(EMOJI)}, see you ${pick(["soon", "later", "on Monday"])}!`,
    ).join(" "),
    rules: ["-", "=", "*", "_", "~", "#", ".", "/", "+", "<>", "-=", "|"].map((mark) => mark.repeat(24)).join("\n"),
    combining: zalgo("combining marks on every letter of this sentence"),
    decomposed: "Überraschend größere Ärgernisse, déjà vu à l'été, naïve façade, señor años".normalize("NFD").repeat(3),
    braille: times(100, () => String.fromCodePoint(0x2800 + below(256))).join(""),
    mathematical_letters: times(60, () => String.fromCodePoint(0x1d400 + below(0x300))).join(""),
    private_use: times(60, () => String.fromCodePoint(0xe000 + below(0x1900))).join(""),
    control: times(60, () => String.fromCodePoint(1 + below(31))).join(""),
    invisible: times(60, () => pick(["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "a", " "])).join(""),
    mojibake: Buffer.from("Größe, naïve, 東京, привет, €20", "utf8").toString("latin1").repeat(4),
    full_width: "ＦＵＬＬ　ＷＩＤＴＨ　ｔｅｘｔ　１２３４５，（ＡＢＣ）！？ｶﾀｶﾅ".repeat(4),
  },
  white_space: {
    spaces: " ".repeat(300),
    tabs: "\t".repeat(100),
    newlines: "\n".repeat(100),
    crlf: times(40, (n) => `${"ab ".repeat(n % 3)}\r\n`).join(""),
    white_space: times(200, () => pick([" ", " ", "\n", "\t", "\r\n", "  ", "    ", "\u00a0", "\u3000"])).join(""),
    indentation: times(30, (n) => `${" ".repeat(2 * (n % 9))}x${n}`).join("\n"),
  },
  noise: {
    letters_spaced: times(100, () => pick([...LOWER])).join(" "),
    words_short_random: times(90, () => from(LOWER, 1 + below(4))).join(" "),
    words_random: times(40, () => from(LOWER, 4 + below(8))).join(" "),
    lower_random: from(LOWER, 300),
    upper_random: from(UPPER, 300),
    mixed_random: from(LOWER + UPPER, 300),
    alphanumeric_random: from(LOWER + UPPER + DIGITS, 300),
    printable_random: from(PRINTABLE, 300),
    punctuation_random: from(PUNCTUATION, 300),
    one_letter_run: "a".repeat(300),
    one_letter_runs: times(20, () => pick([...LOWER]).repeat(5 + below(20))).join(""),
    leet: times(24, () => pick(["h4x0r", "l33t", "n00b", "pwn3d", "r3d4ct3d", "p@ssw0rd", "c0d3"])).join(" "),
    roman: times(40, () => from("IVXLCDM", 1 + below(7))).join(" "),
  },
};
