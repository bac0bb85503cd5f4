//! The parts of a prompt by its own structure, in any language: list items, headed sections, sentences, clauses.

use super::sentences::{clauses, has_words, sentences, tidy};
use super::words;

/// How a prompt was taken apart, for the plan's analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure {
    List,
    Sections,
    Sentences,
    Clauses,
    /// "Compare A and B": A, B, and the comparison, which is the last part.
    Comparison,
    /// Nothing to take apart.
    Whole,
}

#[derive(Debug)]
pub(super) struct Segments {
    pub structure: Structure,
    /// Trimmed and not empty; each has a letter or a digit. None where the prompt has neither.
    pub parts: Vec<String>,
}

/// Fewer sentences than this are taken apart into clauses.
const SENTENCES_MIN: usize = 3;

enum Block {
    Heading(String),
    Item(String),
    Prose(String),
}

pub(super) fn segments(text: &str) -> Segments {
    let blocks = blocks(text);
    let count = |wanted: fn(&Block) -> bool| blocks.iter().filter(|block| wanted(block)).count();
    let (structure, parts) = if count(|block| matches!(block, Block::Item(_))) >= 2 {
        (Structure::List, list_parts(&blocks))
    } else if count(|block| matches!(block, Block::Heading(_))) >= 2 {
        (Structure::Sections, section_parts(&blocks))
    } else {
        prose_parts(&blocks)
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| tidy(part).to_owned())
        .filter(|part| has_words(part))
        .collect();
    Segments {
        structure: if parts.len() < 2 { Structure::Whole } else { structure },
        parts,
    }
}

/// Lines to blocks. Indented lines belong to the item above, also nested items; code fences are never taken apart.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut base_indent: Option<usize> = None;
    let mut fenced = false;
    let mut after_blank = true;
    for line in text.lines() {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        let fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        if trimmed.is_empty() && !fenced {
            after_blank = true;
            continue;
        }
        let item = if fenced || fence { None } else { item_text(trimmed) };
        let heading = if fenced || fence || indent > 3 {
            None
        } else {
            heading_text(trimmed)
        };
        match (item, heading, blocks.last_mut()) {
            (Some(item), _, last) => match last {
                Some(Block::Item(above)) if base_indent.is_some_and(|base| indent > base + 1) => append(above, trimmed),
                _ => {
                    base_indent.get_or_insert(indent);
                    blocks.push(Block::Item(item.to_owned()));
                }
            },
            (None, Some(heading), _) => blocks.push(Block::Heading(heading.to_owned())),
            (None, None, Some(Block::Item(above)))
                if fenced || fence || !after_blank || base_indent.is_some_and(|base| indent > base) =>
            {
                append(above, line)
            }
            (None, None, Some(Block::Prose(above))) if fenced || fence || !after_blank => append(above, line),
            (None, None, _) => blocks.push(Block::Prose(line.to_owned())),
        }
        fenced ^= fence;
        after_blank = false;
    }
    blocks
}

fn append(above: &mut String, line: &str) {
    above.push('\n');
    above.push_str(line);
}

/// The text of `- x`, `* x`, `+ x`, `• x`, `1. x`, `1) x`, `(1) x`, `a) x`, digits of any script included.
fn item_text(line: &str) -> Option<&str> {
    let bullet = ["- ", "* ", "+ ", "• ", "– ", "— ", "▪ ", "◦ ", "·"]
        .iter()
        .find_map(|mark| line.strip_prefix(mark));
    if let Some(text) = bullet {
        return Some(text);
    }
    let inner = line.strip_prefix('(').unwrap_or(line);
    let digits = inner.find(|c: char| !c.is_numeric()).filter(|end| *end > 0);
    let letter = inner.chars().next().filter(|c| c.is_ascii_alphabetic()).map(|_| 1);
    let numbered = digits.or(letter)?;
    if numbered > 12 {
        return None;
    }
    let (mark, text) = inner.split_at(numbered);
    let closed = text.strip_prefix(')').or_else(|| text.strip_prefix('）'));
    let dotted = text
        .strip_prefix(['.', '、', '．'])
        .filter(|_| mark.starts_with(char::is_numeric));
    let text = closed.or(dotted)?;
    // "3.5 GB" and "a)b" are text; after Chinese marks no space is usual.
    (text.starts_with(char::is_whitespace) || text.starts_with(|c: char| !c.is_ascii())).then_some(text)
}

fn heading_text(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(char::is_whitespace)).then_some(text.trim().trim_end_matches('#'))
}

/// The items, each under its heading where there are several. Prose is context, except what looks back on the items.
fn list_parts(blocks: &[Block]) -> Vec<String> {
    let headings = blocks.iter().filter(|block| matches!(block, Block::Heading(_))).count();
    let mut parts = Vec::new();
    let mut heading = "";
    for block in blocks {
        match block {
            Block::Heading(text) => heading = text,
            Block::Item(text) if headings >= 2 && !heading.is_empty() => {
                parts.push(format!("{}: {}", heading.trim(), text.trim()))
            }
            Block::Item(text) => parts.push(text.clone()),
            Block::Prose(text) if !parts.is_empty() => {
                parts.extend(
                    sentences(text)
                        .into_iter()
                        .filter(|sentence| words::link(sentence) != words::Link::None)
                        .map(str::to_owned),
                );
            }
            Block::Prose(_) => {}
        }
    }
    parts
}

/// Each heading with what stands below it. A heading without a text of its own is a title of those after it.
fn section_parts(blocks: &[Block]) -> Vec<String> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for block in blocks {
        match (block, parts.last_mut()) {
            (Block::Heading(heading), _) => parts.push((heading.trim().to_owned(), String::new())),
            (Block::Item(text) | Block::Prose(text), Some((_, body))) => append(body, text),
            (Block::Item(_) | Block::Prose(_), None) => {}
        }
    }
    if parts.iter().filter(|(_, body)| !body.is_empty()).count() >= 2 {
        parts.retain(|(_, body)| !body.is_empty());
    }
    parts
        .into_iter()
        .map(|(heading, body)| {
            if body.is_empty() {
                heading
            } else {
                format!("{heading}: {}", body.trim())
            }
        })
        .collect()
}

fn prose_parts(blocks: &[Block]) -> (Structure, Vec<String>) {
    let prose = blocks.iter().filter_map(|block| match block {
        Block::Prose(text) | Block::Item(text) => Some(text),
        Block::Heading(_) => None,
    });
    let mut sentences: Vec<&str> = prose
        .flat_map(|text| sentences(text))
        .filter(|sentence| has_words(sentence))
        .collect();
    if sentences.is_empty() {
        sentences = blocks
            .iter()
            .map(|block| match block {
                Block::Heading(text) | Block::Prose(text) | Block::Item(text) => text.as_str(),
            })
            .collect();
    }
    if sentences.len() >= SENTENCES_MIN {
        return (Structure::Sentences, sentences.into_iter().map(str::to_owned).collect());
    }
    if let [sentence] = sentences.as_slice() {
        let mut operands = words::after_leading_aggregate(sentence)
            .map(clauses)
            .unwrap_or_default();
        // "and recommend one" is not a thing to compare.
        operands.retain(|operand| words::link(operand) == words::Link::None);
        if operands.len() >= 2 {
            let parts = operands.into_iter().chain([*sentence]);
            return (Structure::Comparison, parts.map(str::to_owned).collect());
        }
        if let Some(parts) = enumeration(sentence) {
            return (Structure::Clauses, parts);
        }
    }
    let parts: Vec<&str> = sentences.iter().flat_map(|sentence| clauses(sentence)).collect();
    let structure = if parts.len() > sentences.len() {
        Structure::Clauses
    } else {
        Structure::Sentences
    };
    (structure, parts.into_iter().map(str::to_owned).collect())
}

/// "Plan a party: food, music and games": what follows the colon, each with what it belongs to.
fn enumeration(sentence: &str) -> Option<Vec<String>> {
    let (whole, items) = sentence.split_once(": ").or_else(|| sentence.split_once('：'))?;
    let items = clauses(items);
    let parts = items
        .iter()
        .map(|item| format!("{item}\n\nIt is part of: {}", whole.trim()));
    (items.len() >= 2 && has_words(whole)).then(|| parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        segments(text).parts
    }

    fn structure(text: &str) -> Structure {
        segments(text).structure
    }

    #[test]
    fn lists_of_every_kind_are_taken_apart() {
        for text in [
            "Plan this:\n- alpha\n- beta\n- gamma",
            "* alpha\n* beta\n\n* gamma",
            "1. alpha\n2. beta\n10. gamma",
            "1) alpha\n2) beta\n3) gamma",
            "(1) alpha\n(2) beta\n(3) gamma",
            "a) alpha\nb) beta\nc) gamma",
            "• alpha\n• beta\n• gamma",
            "۱. alpha\n۲. beta\n۳. gamma",
            "  - alpha\n  - beta\n  - gamma\n\nThanks a lot.",
        ] {
            assert_eq!(parts(text), ["alpha", "beta", "gamma"], "{text}");
            assert_eq!(structure(text), Structure::List);
        }
        assert_eq!(parts("1、研究\n2、写作"), ["研究", "写作"]);
    }

    #[test]
    fn nested_items_continuation_lines_and_code_stay_with_their_item() {
        let parts =
            parts("- alpha\n  - inner\n  more\nlazy\n- beta\n  ```\n- not an item\n\n# not a heading\n  ```\n- gamma");
        assert_eq!(
            parts,
            [
                "alpha\n- inner\n  more\nlazy",
                "beta\n  ```\n- not an item\n\n# not a heading\n  ```",
                "gamma"
            ]
        );
    }

    #[test]
    fn prose_after_a_list_counts_where_it_looks_back_on_it() {
        let text = "About two things:\n- alpha\n- beta\n\nThen compare them. I am in a hurry.";
        assert_eq!(parts(text), ["alpha", "beta", "Then compare them."]);
    }

    #[test]
    fn headings_make_sections() {
        let text = "# Guide\n\n## History\nHow it began.\n\n## Today\nWhat it is now.\n- one item";
        assert_eq!(
            parts(text),
            ["History: How it began.", "Today: What it is now.\none item"]
        );
        assert_eq!(structure(text), Structure::Sections);
        assert_eq!(parts("# One\n# Two"), ["One", "Two"]);
        assert_eq!(parts("# One\n- a\n- b\n# Two\n- c"), ["One: a", "One: b", "Two: c"]);
    }

    #[test]
    fn sentences_end_where_they_end() {
        let text = "Mr. Smith has 3.5 GB, e.g. on disk. Is it enough? Ask him!\nNew line\ncontinues here";
        assert_eq!(
            parts(text),
            [
                "Mr. Smith has 3.5 GB, e.g. on disk.",
                "Is it enough?",
                "Ask him!",
                "New line\ncontinues here"
            ]
        );
        assert_eq!(structure(text), Structure::Sentences);
        assert_eq!(
            parts("介绍历史。解释原理！总结？"),
            ["介绍历史。", "解释原理！", "总结？"]
        );
        assert_eq!(parts("تاریخ را بگو؛ اصول را توضیح بده؛ خلاصه کن").len(), 3);
    }

    #[test]
    fn few_sentences_are_taken_apart_into_clauses() {
        assert_eq!(
            parts("Explain tides, draw a chart and then write a quiz"),
            ["Explain tides", "draw a chart", "then write a quiz"]
        );
        assert_eq!(
            parts("Erkläre Ebbe und zeichne eine Karte"),
            ["Erkläre Ebbe", "zeichne eine Karte"]
        );
        assert_eq!(parts("研究市场，写报告"), ["研究市场", "写报告"]);
        assert_eq!(
            parts("Compare Rust, Go and Zig."),
            ["Rust", "Go", "Zig.", "Compare Rust, Go and Zig."]
        );
        assert_eq!(structure("Compare Rust, Go and Zig."), Structure::Comparison);
    }

    #[test]
    fn what_follows_a_colon_is_enumerated() {
        let parts = parts("Plan a party: food, music and games");
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], "food\n\nIt is part of: Plan a party");
        assert_eq!(parts[2], "games\n\nIt is part of: Plan a party");
        assert_eq!(structure("Note: this is all"), Structure::Whole);
    }

    #[test]
    fn what_can_not_be_taken_apart_stays_whole() {
        for (text, count) in [
            ("", 0),
            ("  \n", 0),
            ("Rust", 1),
            ("# Title", 1),
            ("- one item", 1),
            ("🎉🎉", 0),
            ("-\n-\n-", 0),
            ("...", 0),
            (", and , and ", 1),
        ] {
            assert_eq!(parts(text).len(), count, "{text}");
            assert_eq!(structure(text), Structure::Whole, "{text}");
        }
    }

    #[test]
    fn hostile_prompts_cost_linear_time() {
        for piece in [
            "- ",
            "- a\n",
            "# a\n",
            "a. ",
            "A. ",
            ",",
            " and ",
            ", then ",
            "1.",
            "\n",
            "```\n",
            "۱. ",
            "。",
            "a",
            "字",
            "( ",
            "  - a\n    - b\n",
            ". a",
            "a;",
        ] {
            let text = piece.repeat(40_000 / piece.len());
            for text in [format!("```\n{text}"), text] {
                assert!(segments(&text).parts.iter().all(|part| !part.is_empty()));
            }
        }
    }
}
