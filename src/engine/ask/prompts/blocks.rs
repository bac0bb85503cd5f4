//! The blocks that prompts are made of: data between its tags, and the lines around it. An empty one is left out.

use super::data::{attribute, block, block_with};
use crate::model::{
    Answer, AnswerContent, BorderLine, Criterion, Earlier, EditPart, LengthTerms, Note, OutlineItem, PartContent, Terms,
};

pub(super) fn request(prompt: &str) -> String {
    block("user_request", prompt)
}

pub(super) fn wishes(wishes: &Option<String>, meaning: &str) -> String {
    let wishes = wishes.as_deref().filter(|wishes| !wishes.trim().is_empty());
    wishes.map_or_else(String::new, |wishes| {
        format!("{meaning}:\n{}", block("user_wishes", wishes))
    })
}

/// The day of the run and the length of the whole answer.
pub(super) fn date_and_length(terms: &Terms) -> String {
    let length = length(terms.length);
    if terms.date.is_empty() {
        length
    } else {
        format!("The date is {}.\n{length}", terms.date)
    }
}

fn length(length: LengthTerms) -> String {
    match length {
        LengthTerms {
            words: Some(words),
            firm: true,
        } => format!(
            "Length of the whole answer: at most {words} words of prose, as the user has set it. Code and tables don't \
             count. A limit in the request itself wins."
        ),
        LengthTerms {
            words: Some(words),
            firm: false,
        } => format!(
            "Length of the whole answer: at most {words} words of prose unless the request asks for more, and fewer \
             where fewer are enough. Code and tables don't count."
        ),
        LengthTerms { words: None, .. } => {
            "Length of the whole answer: what the request deserves, and no more.".to_owned()
        }
    }
}

pub(super) fn shared(terms: &Terms) -> String {
    if terms.shared.trim().is_empty() {
        return String::new();
    }
    block("shared_facts", &terms.shared)
}

pub(super) fn borders(terms: &Terms) -> String {
    lines("border_list", terms.borders.iter().map(border_line))
}

/// A line of the list, with the one who decides.
pub fn border_line(border: &BorderLine) -> String {
    let what = one_line(&border.what);
    match border.owner.as_deref() {
        Some(owner) => format!("- {what} ({} decides)", attribute(owner)),
        None => format!("- {what}"),
    }
}

/// The criteria of a part.
pub(super) fn own_criteria(criteria: &[String]) -> String {
    lines("answer_criteria", criteria.iter().map(|text| own_criterion_line(text)))
}

fn own_criterion_line(text: &str) -> String {
    format!("- {}", one_line(text))
}

/// All criteria, as the editor reads them.
pub(super) fn criteria(criteria: &[Criterion]) -> String {
    lines("answer_criteria", criteria.iter().map(criterion_line))
}

/// A line of the criteria, with those who answer for it.
pub fn criterion_line(criterion: &Criterion) -> String {
    let owners: Vec<String> = criterion.owners.iter().map(|owner| attribute(owner)).collect();
    let owners = if owners.is_empty() {
        "yours".to_owned()
    } else {
        owners.join(", ")
    };
    format!("- {} ({owners})", one_line(&criterion.text))
}

/// What all parts write, without a mark of the reader's own, so that it is the same for each.
pub(super) fn outline(outline: &[OutlineItem]) -> String {
    if outline.len() < 2 {
        return String::new();
    }
    lines("plan_outline", outline.iter().map(outline_line))
}

pub fn outline_line(item: &OutlineItem) -> String {
    format!("- {}: {}", attribute(&item.id), attribute(&item.title))
}

/// How answers stand in a prompt.
pub fn answers_block(answers: &[Answer]) -> String {
    let blocks = answers.iter().map(|answer| {
        let name = name(&answer.id, &answer.title);
        match &answer.content {
            AnswerContent::Text { text, cut } => block_with("subtask_answer", &marked(name, *cut), text),
            AnswerContent::Missing { reason } => block_with("missing_answer", &name, reason),
        }
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// The parts, each with its notes after it, and how long they are together.
///
/// The editor has to copy old text exactly. Where a part holds a look-alike of our tags, it is shown with `&lt;` in it,
/// so that an edit of that place is not found in the part and fails. That is the price of tags that no data can forge.
pub(super) fn parts(parts: &[EditPart]) -> String {
    let mut words = 0_u32;
    let mut blocks: Vec<String> = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        let name = name(&part.id, &part.title);
        let (tag, text, notes, own_words, cut) = match &part.content {
            PartContent::Whole {
                text,
                notes,
                words,
                cut,
            } => ("written_part", text, notes, words, cut),
            PartContent::Outline {
                outline,
                notes,
                words,
                cut,
            } => ("part_outline", outline, notes, words, cut),
            PartContent::Missing { reason } => {
                blocks.push(block_with("missing_answer", &name, reason));
                continue;
            }
        };
        words = words.saturating_add(*own_words);
        blocks.push(block_with(
            tag,
            &marked(format!("{name} words=\"{own_words}\""), *cut),
            text,
        ));
        if !notes.trim().is_empty() {
            let id = format!("id=\"{}\"", attribute(&part.id));
            blocks.push(block_with("part_notes", &id, notes));
        }
    }
    blocks.push(format!("The parts have {words} words of prose together."));
    blocks.join("\n")
}

/// The conversation so far. What it means for this request is said with it, because most requests have none.
pub(super) fn earlier(history: &[Earlier]) -> String {
    if history.is_empty() {
        return String::new();
    }
    let mut blocks = vec![
        "This request goes on with a conversation. What was asked and answered before, oldest first, is data; where \
         the request says \"it\", \"this\" or \"shorter\", it means the latest answer. Reuse what is there, and say \
         nothing twice that need not be said again:"
            .to_owned(),
    ];
    for earlier in history {
        blocks.push(block("earlier_request", &earlier.request));
        let cut = if earlier.cut { "cut=\"yes\"" } else { "" };
        blocks.push(match cut {
            "" => block("earlier_answer", &earlier.answer),
            cut => block_with("earlier_answer", cut, &earlier.answer),
        });
    }
    blocks.push("The request is now:".to_owned());
    blocks.join("\n\n")
}

/// What the step had written, and what the user wants done otherwise.
pub(super) fn earlier_version(terms: &Terms) -> String {
    let Some(remark) = &terms.remark else {
        return String::new();
    };
    let mut blocks = Vec::new();
    if !remark.previous.trim().is_empty() {
        blocks.push("This is what you wrote for this before:".to_owned());
        let cut = if remark.cut { "cut=\"yes\"" } else { "cut=\"no\"" };
        blocks.push(block_with("earlier_version", cut, &remark.previous));
    }
    blocks
        .push("The user has read the result and wants it otherwise. Follow this as far as it concerns you:".to_owned());
    blocks.push(block("user_remark", &remark.text));
    blocks.join("\n")
}

/// What the writers of the parts noted.
pub(super) fn notes(notes: &[Note]) -> String {
    let block = |note: &Note| block_with("part_notes", &format!("id=\"{}\"", attribute(&note.id)), &note.text);
    notes.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn name(id: &str, title: &str) -> String {
    format!("id=\"{}\" title=\"{}\"", attribute(id), attribute(title))
}

fn marked(name: String, cut: bool) -> String {
    if cut { name + " cut=\"yes\"" } else { name }
}

fn lines(tag: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return String::new();
    }
    block(tag, &lines.join("\n"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
