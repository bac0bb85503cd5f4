import { runs } from "./common.mjs";

export const check = (answer, tools) =>
  runs(answer, tools, {
    file: "csv.mjs",
    imports: "{ parseCsv }",
    tests: {
      "plain lines": 'assert.deepEqual(parseCsv("a,b\\nc,d\\n"), [["a", "b"], ["c", "d"]]);',
      CRLF: 'assert.deepEqual(parseCsv("a,b\\r\\nc,d"), [["a", "b"], ["c", "d"]]);',
      "quoted commas, quotes and breaks": `assert.deepEqual(parseCsv('"a,b","c ""d""","e\\nf"'),
        [["a,b", 'c "d"', "e\\nf"]]);`,
      "empty fields": 'assert.deepEqual(parseCsv(",\\n,"), [["", ""], ["", ""]]);',
      "an empty text": 'assert.deepEqual(parseCsv(""), []);',
      "an unterminated quote": `assert.throws(() => parseCsv('a\\n"b'),
        (error) => error instanceof SyntaxError && /2/.test(error.message));`,
    },
  });
