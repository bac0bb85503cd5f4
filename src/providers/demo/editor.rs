//! What the demo's editor writes: an edit of a part, then the answer around the parts. It changes no fact, because
//! there is none, and the edit says of itself that it is one.

use super::NOTICE;
use super::markers::Markers;
use super::texts::{cell, real_model, run_table};
use crate::model::{EditPart, PartContent, ReportLine, Terms};

/// What the edit adds to a line of a part.
const ADDED: &str = " (The demo's editor added these words.)";
/// What makes the old text one that no part has.
const ABSENT: &str = " (No part has these words.)";

pub(super) fn reply(
    markers: &Markers,
    terms: &Terms,
    parts: &[EditPart],
    is_repair: bool,
    report: &[ReportLine],
) -> String {
    let call = if is_repair { 2 } else { 1 };
    let edit = edit(parts, call <= markers.failing_edits);
    if is_repair {
        return edit.unwrap_or_else(|| "none\n".to_owned());
    }
    if terms.plain || markers.no_marks {
        return format!(
            "{NOTICE}\n\nThis is how the run went. A model would have written the answer from the parts here.\n\n{}",
            account(parts, report)
        );
    }
    let mut text = edit.unwrap_or_default();
    text.push_str(&format!(
        "@answer\n{NOTICE}\n\nA model would have written the lead here. The parts follow, then how the run went.\n\n"
    ));
    for part in parts {
        text.push_str(&match &part.content {
            PartContent::Missing { reason } => {
                format!("\"{}\" is missing here: {}\n\n", cell(&part.title), cell(reason))
            }
            PartContent::Whole { .. } | PartContent::Outline { .. } => format!("@include {}\n\n", part.id),
        });
    }
    text.push_str(&format!("## How the run went\n\n{}", account(parts, report)));
    text
}

/// The edit of the first part that has a line to find, as it is written. `absent`: one that does not apply.
fn edit(parts: &[EditPart], absent: bool) -> Option<String> {
    let (id, line) = parts.iter().find_map(|part| match &part.content {
        PartContent::Whole { text, cut: false, .. } => Some((&part.id, unique_line(text)?)),
        _ => None,
    })?;
    let old = if absent {
        format!("{line}{ABSENT}")
    } else {
        line.to_owned()
    };
    Some(format!("@edit {id}\n<<<<\n{old}\n====\n{line}{ADDED}\n>>>>\n\n"))
}

/// The last line of prose that stands in the text once. Code is no prose: the demo's own blocks have plain fences.
pub(super) fn unique_line(text: &str) -> Option<&str> {
    let mut is_code = false;
    let prose = text.lines().map(str::trim_end).filter(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    let is_it = |line: &&str| line.starts_with(char::is_alphanumeric) && *line != NOTICE;
    prose
        .filter(is_it)
        .filter(|line| text.matches(*line).nth(1).is_none())
        .last()
}

fn account(parts: &[EditPart], report: &[ReportLine]) -> String {
    let answer = |step: &str| {
        let part = parts
            .iter()
            .find(|part| step.strip_prefix("subtask/") == Some(part.id.as_str()));
        part.map_or_else(String::new, |part| content_cell(&part.content))
    };
    format!("{}\n{}", run_table(report, answer), real_model())
}

fn content_cell(content: &PartContent) -> String {
    match content {
        PartContent::Missing { reason } => format!("missing: {}", cell(reason)),
        PartContent::Whole { words, cut: true, .. } | PartContent::Outline { words, cut: true, .. } => {
            format!("{words} words, cut")
        }
        PartContent::Whole { words, .. } | PartContent::Outline { words, .. } => format!("{words} words"),
    }
}

#[cfg(test)]
mod tests;
