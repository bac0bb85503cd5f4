//! How long a text is for its reader.

use super::fences::Fences;

/// Letters of a script without spaces that count as a word: Chinese and Japanese have about two in a word, and Thai,
/// Lao, Khmer and Burmese about five.
const CJK_LETTERS: usize = 2;
const THAI_LETTERS: usize = 5;

/// The words of a text, without fenced code and tables. A word is what stands between white space and has a letter or
/// a digit, so that a bullet or a dash is none, and `don't` and `state-of-the-art` are one. Scripts that are written
/// without spaces are counted by letters. Korean has spaces.
pub fn prose_words(text: &str) -> usize {
    Extent::of(text).words
}

/// What there is of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// In UTF-8 without white space, so that a text has about as many in any language.
    pub bytes: usize,
    /// Those of fenced code and tables.
    pub code_bytes: usize,
    /// See [`prose_words`].
    pub words: usize,
}

impl Extent {
    pub fn of(text: &str) -> Extent {
        let mut fences = Fences::default();
        let mut count = Count::default();
        // Of a table without bars at its edges, the line before the dashes is the heading.
        let mut before = Count::default();
        let mut heading = "";
        let mut in_table = false;
        for line in text.lines() {
            let line = line.trim();
            if fences.is_code(line) {
                in_table = false;
                count.code_line(line);
                continue;
            }
            if in_table && line.contains('|') || line.starts_with('|') {
                count.code_line(line);
                continue;
            }
            in_table = false;
            if is_table_rule(line) {
                count = before;
                count.code_line(heading);
                count.code_line(line);
                in_table = true;
                continue;
            }
            (before, heading) = (count, line);
            count.line(line);
        }
        Extent {
            bytes: bytes_of(text),
            code_bytes: count.code_bytes,
            words: count.words + count.cjk.div_ceil(CJK_LETTERS) + count.thai.div_ceil(THAI_LETTERS),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Count {
    words: usize,
    cjk: usize,
    thai: usize,
    code_bytes: usize,
}

impl Count {
    fn code_line(&mut self, line: &str) {
        self.code_bytes += bytes_of(line);
    }

    fn line(&mut self, line: &str) {
        let mut in_word = false;
        for letter in line.chars() {
            match script(letter) {
                Script::Cjk => self.cjk += 1,
                Script::Thai => self.thai += 1,
                Script::Spaced if in_word => continue,
                Script::Spaced => {
                    self.words += 1;
                    in_word = true;
                    continue;
                }
                Script::None if letter.is_whitespace() => {}
                Script::None => continue,
            }
            in_word = false;
        }
    }
}

enum Script {
    Spaced,
    Cjk,
    Thai,
    /// No letter and no digit.
    None,
}

fn script(letter: char) -> Script {
    match letter {
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' if letter.is_alphanumeric() => {
            Script::Thai
        }
        // Kana and the marks of repetition, Bopomofo; ideographs with their extensions; half-width kana.
        '\u{3005}'..='\u{3007}'
        | '\u{3031}'..='\u{3035}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{312F}'
        | '\u{31A0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}' => Script::Cjk,
        _ if letter.is_alphanumeric() => Script::Spaced,
        _ => Script::None,
    }
}

/// `--- | :---:`: the line below a table's heading.
fn is_table_rule(line: &str) -> bool {
    line.contains('|') && line.contains('-') && line.bytes().all(|byte| matches!(byte, b'-' | b'|' | b':' | b' '))
}

/// Without white space.
fn bytes_of(text: &str) -> usize {
    text.split_whitespace().map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_several_languages() {
        for (text, words) in [
            ("", 0),
            ("The quick brown fox doesn't jump - it walks.", 8),
            ("Ein Straßenbahnfahrer, 37 Jahre alt.", 5),
            ("Привет, как дела?", 3),
            ("مرحبا بالعالم", 2),
            ("नमस्ते दुनिया", 2),
            ("안녕하세요 세계", 2),
            ("今天天气很好。", 3),
            ("東京タワーへ行きます。", 5),
            ("iPhone手机在2024年", 4),
            ("สวัสดีชาวโลก", 3),
            ("state-of-the-art https://example.com/a-b", 2),
            ("- a\n- b\n* * *\n# c", 3),
        ] {
            assert_eq!(prose_words(text), words, "{text}");
        }
    }

    #[test]
    fn code_and_tables_do_not_count() {
        let text = "one two\n\n```rust\nfn main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nthree\n";
        assert_eq!(prose_words(text), 3);
        assert_eq!(prose_words("before\n\na | b\n--- | :---:\n1 | 2\n3 | 4\nafter x"), 3);
        assert_eq!(prose_words("one\n~~~\nan open block"), 1);
        assert_eq!(prose_words("either | or\n\n---\nrest"), 3);
        // Their bytes do, in an account of their own.
        let code_bytes = |text: &str| Extent::of(text).code_bytes;
        assert_eq!(
            code_bytes(text),
            "```rustfnmain(){}```".len() + "|a|b|".len() + "|---|---|".len() + "|c|d|".len()
        );
        assert_eq!(code_bytes("one\n  ~~~\n  é\n"), 5);
        assert_eq!(code_bytes("one two"), 0);
    }
}
