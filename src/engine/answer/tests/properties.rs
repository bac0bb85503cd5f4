//! Whatever a script is, and however it is cut into pieces.

use proptest::prelude::*;

use super::*;
use crate::engine::answer::{prose_words, split_notes};

const LINES: &[&str] = &[
    "@answer",
    "@answer",
    "@include t1",
    "@include t2",
    "@include: t3",
    "@include t9",
    "@include t1 t2",
    "@Include T2",
    "@edit t1",
    "@edit t2",
    "@edit t9",
    "@insert t1",
    "@insert t3",
    "@section t1.1",
    "@section t2.0",
    "@section t2",
    "<<<<",
    "<<<<<",
    "====",
    "======",
    ">>>>",
    "```",
    "```md",
    "````",
    "~~~",
    "alpha",
    "beta",
    "gamma",
    "字字 😀",
    "",
    " ",
    "@",
    "@inc",
    "@media x",
    "  @answer",
    "**@include t3**",
    "# Heading",
    "Note: in the script",
    "@answer x",
];

const BLOCKS: &[&str] = &[
    "@edit t1\n<<<<\nalpha\n====\nbeta\n>>>>\n",
    "@edit t1\n<<<<\nbeta\n====\n>>>>\n",
    "@edit t2\n<<<<\nalpha\nbeta\n====\ngamma\n\nx\n>>>>\n",
    "@insert t3\n<<<<\ngamma\n====\n- delta\n>>>>\n",
    "@section t1.1\n<<<<\n## New\n\nbeta\n>>>>\n",
    "@section t3.0\n<<<<\n>>>>\n",
    "@answer\n@include t1\n",
    "```\n@edit t1\n<<<<\nalpha\n====\n\n>>>>\n```\n",
];

fn any_script() -> impl Strategy<Value = String> {
    let line = (
        prop::sample::select(LINES),
        prop::sample::select(&["\n", "\n", "\n", "\r\n", ""][..]),
    )
        .prop_map(|(line, end)| format!("{line}{end}"));
    let block = prop::sample::select(BLOCKS).prop_map(str::to_owned);
    let crlf = prop::sample::select(BLOCKS).prop_map(|block| block.replace('\n', "\r\n"));
    let piece = prop_oneof![6 => line, 3 => block, 1 => crlf, 1 => ".{0,12}"];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_part() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "alpha\n",
        "beta\n",
        "gamma\r\n",
        "## Heading\n",
        "\n",
        "```\n",
        "字 😀\n",
        "Note: SECRET\n",
        "- item\n",
        "\r\n",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..8).prop_map(|pieces| pieces.concat())
}

/// A beginning of each part that no edit above takes away, and notes at its end.
fn any_parts() -> impl Strategy<Value = Vec<Source>> {
    prop::collection::vec(any_part(), 3).prop_map(|texts| {
        let texts = texts.iter().enumerate();
        let parts = texts.map(|(index, text)| {
            let id = format!("t{}", index + 1);
            part(&id, &format!("[{id}] {text}\n\n"))
        });
        parts.collect()
    })
}

fn any_cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..30_usize, 1..8)
}

/// Pieces of the given sizes, over and over.
fn cut<'a>(text: &'a str, sizes: &'a [usize]) -> Vec<&'a str> {
    let mut rest = text;
    let mut chunks = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let end = rest.char_indices().nth(*size).map_or(rest.len(), |(end, _)| end);
        let (chunk, after) = rest.split_at(end);
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn streamed_and_whole_give_the_same(parts in any_parts(), text_of_script in any_script(), sizes in any_cuts()) {
        let scripts = [script(1, &text_of_script)];
        let whole = resolve(&parts, &scripts);
        let answer = text(&[&parts, &scripts], &whole);
        let (shown, streamed) = streamed(&parts, cut(&text_of_script, &sizes).into_iter());
        prop_assert_eq!(&shown, &answer);
        prop_assert_eq!(&streamed, &whole);
        prop_assert!(!answer.trim().is_empty());
        prop_assert_eq!(answer.trim_end(), answer.as_str());
    }

    #[test]
    fn every_part_stands_once_or_a_problem_says_so(parts in any_parts(), text_of_script in any_script()) {
        let scripts = [script(1, &text_of_script)];
        let assembly = resolve(&parts, &scripts);
        let answer = text(&[&parts, &scripts], &assembly);
        let kinds = problems(&assembly);
        let stand_all = kinds.contains(&(ProblemKind::NoAnswer, ""));
        let is_named = |id: &str| {
            let is_left_out = kinds.contains(&(ProblemKind::LeftOut, id));
            !stand_all && (assembly.unmarked || is_left_out || kinds.contains(&(ProblemKind::NoIncludes, "")))
        };
        for part in &parts {
            let stands = answer.matches(&format!("[{}]", part.id)).count();
            let is_replaced = text_of_script.contains("@section") && stands == 0;
            prop_assert_eq!(stands, usize::from(!is_named(&part.id) && !is_replaced), "{}: {}", part.id, answer);
        }
    }

    #[test]
    fn notes_of_parts_are_never_in_the_answer(parts in any_parts(), text_of_script in any_script()) {
        let bodies: String = parts.iter().map(|part| &part.text[split_notes(&part.text).0]).collect();
        let assembly = resolve(&parts, &[script(1, &text_of_script)]);
        let answer = text(&[&parts, &[script(1, &text_of_script)]], &assembly);
        prop_assert!(answer.matches("SECRET").count() <= bodies.matches("SECRET").count());
    }

    #[test]
    fn no_word_of_the_answer_is_lost(
        parts in any_parts(),
        pieces in prop::collection::vec(prop_oneof![
            "[a-z]{1,3}".prop_map(|word| format!("{word}W")),
            prop::sample::select(&[
                "@include t1", "@include t9", "@answer", "```", "@media", "@", "@include", "@edit t2", "@edit t9", "",
                "<<<<", "====", ">>>>", "@edit t1\n<<<<\nalpha\n====\nbeta\n>>>>",
            ][..]).prop_map(str::to_owned),
        ], 0..30),
        wrapped: bool,
    ) {
        // Each word is alone on its line, and has a number.
        let numbered = pieces.iter().enumerate().map(|(index, piece)| match piece.strip_suffix('W') {
            Some(word) => format!("{word}W{index}W"),
            None => piece.clone(),
        });
        let body: Vec<String> = numbered.collect();
        let fence = if wrapped { "```\n" } else { "" };
        let text_of_script = format!("{fence}@answer\n{}\n{fence}", body.join("\n"));
        let scripts = [script(1, &text_of_script)];
        let answer = text(&[&parts, &scripts], &resolve(&parts, &scripts));
        // What stands in the block of an edit belongs to it, up to its end or to the next mark.
        let has_block = body.iter().any(|line| line == "<<<<");
        for word in body.iter().filter(|word| word.ends_with('W')) {
            prop_assert!(has_block || answer.lines().any(|line| line == word), "{word} is not in {answer:?}");
        }
    }

    #[test]
    fn readers_of_texts_take_any(any in "(?s).{0,80}", parts in any_parts()) {
        let (body, notes) = split_notes(&any);
        prop_assert!(body.end <= any.len() && any.ends_with(notes.trim_end()) || any.trim_end().ends_with(notes));
        prop_assert!(prose_words(&any) <= any.chars().count());
        for part in &parts {
            let found = crate::engine::answer::sections(&part.text);
            let joined: String = found.iter().map(|section| &part.text[section.range.clone()]).collect();
            prop_assert_eq!(&joined, &*part.text);
            let outlined = crate::engine::answer::outline(&part.id, &part.text, 3);
            prop_assert!(outlined.lines().all(|line| line.starts_with(&part.id)));
        }
    }
}
