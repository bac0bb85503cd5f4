use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The same list is tried by JavaScript's own engine (tests/scripts/linear-regexp.test.mjs).
const LIST: &str = include_str!("../../../../tests/fixtures/patterns.json");

fn listed(which: &str) -> Vec<String> {
    let list: Value = serde_json::from_str(LIST).unwrap();
    let texts = list[which].as_array().unwrap();
    texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What boon says of it, which reads ECMA's patterns on a native engine.
fn natively(text: &str) -> Result<(), String> {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("urn:schema", json!({ "pattern": text })).unwrap();
    let compiled = compiler.compile("urn:schema", &mut schemas);
    compiled.map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn what_is_honoured_and_what_not_is_listed() {
    for text in listed("honoured") {
        assert_eq!(check(&text), Ok(()), "{text}");
    }
    for text in listed("refused") {
        assert!(check(&text).is_err(), "{text}");
    }
}

#[test]
fn length_depth_and_repetitions_are_bounded() {
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(check(&"a".repeat(CHARS_MAX)).is_ok() && check(&"a".repeat(CHARS_MAX + 1)).is_err());
    assert!(check(&nested(DEPTH_MAX)).is_ok() && check(&nested(DEPTH_MAX + 1)).is_err());
    assert!(check(&format!("{}a{}", "(?:".repeat(40), "{9}){9}".repeat(20))).is_err());
    assert!(check("(?:a{0,9}){0,99}").is_ok() && check("(?:a{0,99}){0,99}").is_err());
    assert!(check(&format!("a{{{}}}", "9".repeat(400))).is_err());
    assert!(check(&format!("a{{{0},{0}}}", "9".repeat(40))).is_err());
}

/// Written out by hand, in characters: what repeats is in them as often as it says.
#[test]
fn parts_are_those_of_the_pattern_written_out() {
    let parts = |text: &str| {
        let mut pattern = Pattern {
            rest: text.chars().peekable(),
        };
        pattern.choice(0).unwrap()
    };
    for (text, written_out) in [
        ("", ""),
        ("ab|c", "ab|c"),
        ("a*", "a*"),
        ("a+", "aa*"),
        ("a+?", "aa*"),
        ("a{3}", "aaa"),
        ("a{3,}", "aaaa*"),
        ("a{1,3}", "aa?a?"),
        ("a{0}", "a"),
        ("(?:ab){2}c", "ababc"),
        ("(?:a+|b)+", "aa*|baa*|b*"),
        ("(?:a?){2}", "a?a?"),
        ("(?:){3}", "..."),
        ("[a-z]\\d\\p{L}\\u{41}^\\b", "......"),
    ] {
        assert_eq!(parts(text), written_out.chars().count() as u64, "{text}");
    }
    assert!(
        check(&format!("x{{{}}}", PARTS_MAX + 1))
            .unwrap_err()
            .contains("it has 2001 parts")
    );
    assert!(check("x{1001}").is_ok() && check(&format!("x{{{PARTS_MAX}}}")).is_ok());
}

/// What to write instead is itself honoured, and means what was meant.
#[test]
fn a_refusal_says_what_to_write() {
    for (text, words, instead) in [
        ("[--/]", "write \\x2d for the character", "[\\x2d-/]"),
        ("[+--/]", "write \\x2d for the character", "[+-\\x2d/]"),
        ("[a&&b]", "write \\x26 for the character", "[a&\\x26b]"),
        ("[a~~]", "write \\x7e for the character", "[a\\x7e]"),
        ("[a-\\d]", "\\- means the character", "[a\\-\\d]"),
        ("[\\w-z]", "\\- means the character", "[\\w\\-z]"),
        ("[z-a]", "ends before it begins", "[a-z]"),
        ("[]a]", "\\] means the character", "[\\]a]"),
        ("[^]", "[\\s\\S] is any character", "[\\s\\S]"),
        ("[a[]", "\\[ means the character", "[a\\[]"),
        ("[a", "\\[ means the character", "\\[a"),
        ("a)", "\\) means the character", "a\\)"),
        ("(a", "\\( means the character", "\\(a"),
        ("a}", "\\} means the character", "a\\}"),
        ("*a", "\\* means the character", "\\*a"),
        ("a{x}", "\\{ means the character", "a\\{x\\}"),
        ("a{,3}", "such as {2}, {2,} or {2,5}", "a{0,3}"),
        ("^*", "write it once", "^"),
        ("a\\", "\\\\ means the character", "a\\\\"),
        ("\\cJ", "\\x and two hexadecimal digits", "\\x0a"),
        ("\\01", "\\x and two hexadecimal digits", "\\x01"),
        ("\\x4", "\\x41, \\u0041 and \\u{41} are whole", "\\x04"),
        ("[\\b]", "write \\x08", "[\\x08]"),
        ("\\a", "write \\x07", "\\x07"),
        ("\\e", "write \\x1b", "\\x1b"),
        ("\\ud83d", "half of one: write \\u{1f409}", "\\u{1f409}"),
        (
            "\\p{Emoji}",
            "write a class of its characters",
            "[\\u{1f300}-\\u{1faff}]",
        ),
        ("\\p{ASCII}", "write a class of its characters", "[\\0-\\x7f]"),
        (
            "\\p{Script=Cherokee}",
            "such as [\\u{370}-\\u{3ff}]",
            "[\\u{13a0}-\\u{13ff}]",
        ),
        ("\\p{gc=Alphabetic}", "\\p{Alphabetic}", "\\p{Alphabetic}"),
        ("\\p{Latin}", "\\p{Script=Latin}", "\\p{Script=Latin}"),
        ("\\pL", "write \\p{L}", "\\p{L}"),
        ("(a)\\1", "write out once more", "(a)a"),
        ("(?<n>a)\\k<n>", "has a name: write ( )", "(a)a"),
        ("(?P<n>a)", "has a name: write ( )", "(a)"),
        ("(?i)a", "no flags, for both cases of a letter write [Aa]", "[Aa]"),
        ("(?<!a)b", "a pattern of its own", "b"),
        ("(?=a)", "a pattern of its own", "a"),
        ("\\Aa", "^ is the beginning", "^a"),
        ("a\\z", "$ its end", "a$"),
        ("a\\Z", "$ its end", "a$"),
        ("\\h", "write a class of its characters", "[ \\t]"),
        ("\\R", "write (?:\\r\\n|[\\n\\r])", "(?:\\r\\n|[\\n\\r])"),
        ("\\Qa.b\\E", "write a \\ before each", "a\\.b"),
        (
            "a\\ b",
            "a \\ before \" \" is no escape of it: write the character without",
            "a b",
        ),
        ("a\\\u{a0}b", "a \\ before \"\\u{a0}\" is no escape", "a\u{a0}b"),
        ("\\@", "write the character without a backslash", "@"),
    ] {
        let why = check(text).unwrap_err();
        assert!(why.contains(words), "{text}: {why}");
        assert_eq!(check(instead), Ok(()), "{text}");
    }
    // Whatever is refused: there are words after a colon that say what to write.
    for text in listed("refused") {
        let why = check(&text).unwrap_err();
        let said = why.replacen(&shown(&text), "", 1);
        assert!(
            said.matches(": ").count() > 1 || said.contains("expected"),
            "{text}: {why}"
        );
    }
}

/// Words that other tools have for sets: none is taken by the wrong name.
#[test]
fn a_property_is_known_by_the_kind_of_its_name() {
    for name in PROPERTIES.split(' ').chain(CATEGORIES.split(' ')) {
        let is_category = is_in(CATEGORIES, name);
        assert!(check(&format!("\\p{{{name}}}")).is_ok(), "{name}");
        for kind in ["gc", "General_Category"] {
            assert_eq!(
                check(&format!("\\p{{{kind}={name}}}")).is_ok(),
                is_category,
                "{kind}={name}"
            );
        }
        assert!(check(&format!("\\p{{Script={name}}}")).is_err(), "{name}");
    }
    for name in SCRIPTS.split(' ') {
        assert!(check(&format!("\\p{{sc={name}}}")).is_ok() && check(&format!("\\p{{Script={name}}}")).is_ok());
        assert!(check(&format!("\\p{{{name}}}")).is_err() && check(&format!("\\p{{gc={name}}}")).is_err());
    }
}

proptest! {
    /// What is honoured is a pattern for another engine too.
    #[test]
    fn any_text_is_refused_or_read_by_a_native_engine(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "a", "b", "é", "🐉", "-", "^", "$", ".", "|", "(", ")", "(?:", "[", "[^", "]", "{", "}", "{2}", "{0,3}",
            "{1,}", "*", "+", "?", "\\", "\\d", "\\w", "\\b", "\\p{L}", "\\u0041", "\\x41", "\\-", "\\.", ",", "9",
            "&&", "~", "!", "/", "--", "\\x2d", "\\p{gc=Lu}", "\\p{Alphabetic}",
        ]),
        0..9,
    )) {
        let text = pieces.concat();
        if check(&text).is_ok() {
            prop_assert_eq!(natively(&text), Ok(()));
        }
    }
}
