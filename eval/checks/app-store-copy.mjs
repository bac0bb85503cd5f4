import { rule, sectionsNamed } from "./lib/rules.mjs";

const LIMITS = [
  ["アプリ名", 1, 30],
  ["サブタイトル", 1, 30],
  ["プロモーション用テキスト", 1, 170],
  ["説明文", 350, 450],
  ["キーワード", 1, 100],
  ["新機能", 1, 120],
];
const NEVER = /最高|No\.?\s*1|完璧|絶対/i;

export function check(answer) {
  let parts = [];
  const found = rule("見出し", () => {
    const titles = LIMITS.map(([title]) => title);
    parts = sectionsNamed(answer, titles);
  });
  const text = (title) => parts[LIMITS.findIndex(([one]) => one === title)] ?? "";
  return [
    found,
    ...LIMITS.map(([title, least, most]) =>
      rule(title, () => {
        const { length } = [...text(title).replace(/\s/g, "")];
        return length >= least && length <= most ? null : `${length}字（${least}〜${most}字）`;
      }),
    ),
    rule("キーワードに空白と重複がない", () => {
      const words = text("キーワード").split(/[,，、]/);
      if (words.length < 2 || words.some((word) => word === "" || /\s/.test(word))) return "空白、または区切りがない";
      if (new Set(words).size < words.length) return "重複";
      return words.find((word) => ["やまびこ", "地図", "やまびこ地図"].includes(word));
    }),
    rule("禁止された言葉がない", () => NEVER.exec(answer)?.[0]),
    rule("2,800円と8県が説明文にある", () => {
      const body = text("説明文").normalize("NFKC");
      return /2,?800円/.test(body) && /8つ?の?県/.test(body) ? null : "ない";
    }),
  ];
}
