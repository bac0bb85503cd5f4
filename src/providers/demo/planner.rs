//! A plan from the structure of the prompt, written as the JSON that a model would write. Its contract says only what
//! the prompt says: which points it has, in which order, and which of them looks back on which.

mod contract;

use serde::Serialize;

use super::NOTICE;
use super::markers::Markers;
use super::segments::{Structure, segments};
use super::sentences::sentences;
use super::words::{Link, link};
use crate::json;
use crate::model::{PlanTerms, Terms};
use crate::text::upper_char;
use contract::{Contract, WrittenBorder};

/// Where the limit allows it, a plan has at least so many subtasks: fewer would show little.
const SUBTASKS_MIN: usize = 3;
const SUBTASKS_MAX: usize = 50;
/// No subtask waits for more than two others in a row: this bounds the time of a run.
const DEPTH_MAX: usize = 3;
const TITLE_CHARS: usize = 60;
/// A question of at most so many words needs no parts; of so many characters, because some scripts have no spaces.
const QUESTION_WORDS: usize = 6;
const QUESTION_CHARS: usize = 60;
/// The instructions of all subtasks together, and of one: inside the limits of a plan in any script.
const INSTRUCTIONS_CHARS_TOGETHER: usize = 16_000;
const INSTRUCTIONS_CHARS: usize = 2_000;

/// In the order in which a model writes them.
#[derive(Serialize)]
struct Written {
    mode: &'static str,
    analysis: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    shared: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    borders: Vec<WrittenBorder>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    criteria: Vec<String>,
    tasks: Vec<WrittenTask>,
}

#[derive(Serialize)]
struct WrittenDirect {
    mode: &'static str,
    analysis: String,
}

#[derive(Serialize)]
struct WrittenTask {
    id: String,
    title: String,
    instructions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    criteria: Vec<u32>,
    depends_on: Vec<String>,
}

struct Draft {
    title: String,
    instructions: String,
    /// Positions of earlier drafts.
    depends_on: Vec<usize>,
    /// It stands in the prompt.
    is_point: bool,
}

/// What the planner is told beside the prompt.
pub(super) struct Told<'a> {
    pub terms: &'a Terms,
    pub plan: &'a PlanTerms,
    pub max_subtasks: u32,
}

/// `spoilt`: with a dependency that does not exist, for `[demo: invalid-plan]`.
pub(super) fn reply(markers: &Markers, told: &Told, spoilt: bool) -> String {
    if !spoilt && told.plan.may_be_direct {
        let why = match markers.direct {
            true => Some("The prompt asks for a direct answer."),
            false if is_short_question(&markers.text) => Some("It is one short question."),
            false => None,
        };
        if let Some(why) = why {
            let direct = WrittenDirect {
                mode: "direct",
                analysis: format!("{NOTICE} {why}"),
            };
            return json::text(&direct);
        }
    }
    let limit = (told.max_subtasks as usize).clamp(1, SUBTASKS_MAX);
    let (structure, drafts) = drafts(&markers.text, limit);
    let ids: Vec<String> = (1..=drafts.len()).map(|number| format!("t{number}")).collect();
    let contract = Contract::of(&drafts, &ids, told.terms);
    let id = |position: &usize| ids.get(*position).cloned();
    let tasks: Vec<WrittenTask> = drafts
        .iter()
        .zip(&ids)
        .enumerate()
        .map(|(position, (draft, own))| {
            let mut depends_on: Vec<String> = draft.depends_on.iter().filter_map(id).collect();
            if spoilt && position == 0 {
                depends_on.push("t99".to_owned());
            }
            WrittenTask {
                id: own.clone(),
                title: draft.title.clone(),
                instructions: draft.instructions.clone(),
                words: contract.words,
                criteria: contract.criterion_of(position).into_iter().collect(),
                depends_on,
            }
        })
        .collect();
    let mut analysis = analysis(structure, &drafts, markers, &ids);
    if markers.direct {
        analysis.push_str(" Without effect, since the answer is to have parts: [demo: direct].");
    }
    let written = Written {
        mode: "split",
        analysis,
        form: contract.form,
        length: contract.length,
        shared: contract.shared,
        borders: contract.borders,
        criteria: contract.criteria,
        tasks,
    };
    json::in_lines(&written)
}

/// One sentence of a few words that ends with a question mark.
fn is_short_question(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(['?', '？', '؟'])
        && text.chars().count() <= QUESTION_CHARS
        && text.split_whitespace().count() <= QUESTION_WORDS
        && sentences(text).len() == 1
}

fn analysis(structure: Structure, drafts: &[Draft], markers: &Markers, ids: &[String]) -> String {
    let by = match structure {
        Structure::List => "the items of its list",
        Structure::Sections => "its headings",
        Structure::Sentences => "its sentences",
        Structure::Clauses => "its clauses",
        Structure::Comparison => "what it compares",
        Structure::Whole => "a fixed scheme, since it has no parts of its own",
    };
    let waiting = drafts.iter().filter(|draft| !draft.depends_on.is_empty()).count();
    let mut analysis = format!(
        "{NOTICE} The prompt was split by {by}. Subtasks: {}, of which {waiting} wait for others.",
        drafts.len()
    );
    if !markers.unknown.is_empty() {
        analysis.push_str(&format!(
            " Not a known demo marker, ignored: {}.",
            markers.unknown.join(" ")
        ));
    }
    let pointless: Vec<&str> = markers.pointless(|id| ids.contains(&id.to_ascii_lowercase())).collect();
    if !pointless.is_empty() {
        analysis.push_str(&format!(
            " Without effect, since this plan has no such subtask: {}.",
            pointless.join(" ")
        ));
    }
    analysis
}

fn drafts(text: &str, limit: usize) -> (Structure, Vec<Draft>) {
    let segments = segments(text);
    let parts = grouped(segments.parts, limit);
    let chars = (INSTRUCTIONS_CHARS_TOGETHER / limit.max(1)).min(INSTRUCTIONS_CHARS);
    let drafts = if limit == 1 {
        scheme(text, limit, chars)
    } else if parts.len() < 2 {
        scheme(parts.first().map_or(text, String::as_str), limit, chars)
    } else {
        let mut drafts: Vec<Draft> = parts
            .iter()
            .map(|part| Draft {
                title: title(part),
                instructions: cut(part, chars),
                depends_on: Vec::new(),
                is_point: true,
            })
            .collect();
        connect(&mut drafts, &parts, segments.structure);
        if segments.structure == Structure::Comparison {
            explain_operands(&mut drafts, chars);
        }
        if drafts.len() < SUBTASKS_MIN.min(limit) {
            let depends_on = sinks(&drafts);
            drafts.push(Draft {
                title: "Bring the parts together".to_owned(),
                instructions: "Bring the answers of the other subtasks together.".to_owned(),
                depends_on,
                is_point: false,
            });
        }
        drafts
    };
    (segments.structure, drafts)
}

/// A thing to compare is no instruction by itself.
fn explain_operands(drafts: &mut [Draft], chars: usize) {
    if let Some((comparison, operands)) = drafts.split_last_mut() {
        for operand in operands {
            let task = format!(
                "Work out what matters about this one alone: {}\n\nIt is needed for: {}",
                operand.instructions, comparison.instructions
            );
            operand.instructions = cut(&task, chars);
        }
    }
}

/// At most `limit` parts: neighbours join, so that nothing is lost. A last part that looks back on everything stays
/// alone.
fn grouped(mut parts: Vec<String>, limit: usize) -> Vec<String> {
    if parts.len() <= limit {
        return parts;
    }
    let last = if limit >= 2 && parts.last().is_some_and(|part| link(part) == Link::All) {
        parts.pop()
    } else {
        None
    };
    let groups = limit - usize::from(last.is_some());
    let mut joined: Vec<String> = vec![String::new(); groups];
    let count = parts.len();
    for (position, part) in parts.into_iter().enumerate() {
        if let Some(group) = joined.get_mut(position * groups / count) {
            if !group.is_empty() {
                group.push('\n');
            }
            group.push_str(&part);
        }
    }
    joined.into_iter().chain(last).collect()
}

/// For a prompt without parts of its own.
fn scheme(text: &str, limit: usize, chars: usize) -> Vec<Draft> {
    let text = text.trim();
    let subject = if text.is_empty() {
        "(the prompt has no text)".to_owned()
    } else {
        cut(text, chars)
    };
    let short = cut(&one_line(&subject), TITLE_CHARS - 20);
    let draft = |title: &str, task: &str, depends_on: &[usize]| Draft {
        title: format!("{title}: {short}"),
        instructions: format!("{task}\n\n{subject}"),
        depends_on: depends_on.to_vec(),
        is_point: false,
    };
    if limit == 1 {
        return vec![draft("Answer", "Answer this request.", &[])];
    }
    let background = draft("Background", "Gather the background that this request needs.", &[]);
    if limit == 2 {
        return vec![
            background,
            draft("Answer", "Answer this request from its background.", &[0]),
        ];
    }
    let main = draft("Main points", "Work out the main points of this request.", &[]);
    vec![
        background,
        main,
        draft(
            "Together",
            "Bring the background and the main points together.",
            &[0, 1],
        ),
    ]
}

/// Dependencies from the words of the parts. Where most parts say "summarise", it is what they do and not a look back.
fn connect(drafts: &mut [Draft], parts: &[String], structure: Structure) {
    let mut links: Vec<Link> = parts.iter().map(|part| link(part)).collect();
    let overviews = links.iter().filter(|link| **link == Link::All).count();
    if overviews >= 2 && overviews * 2 > links.len() {
        links
            .iter_mut()
            .filter(|link| **link == Link::All)
            .for_each(|link| *link = Link::None);
    }
    if structure == Structure::Comparison {
        // Its parts are things to compare, whatever their names; the last one is the comparison.
        let last = links.len().saturating_sub(1);
        links
            .iter_mut()
            .enumerate()
            .for_each(|(position, link)| *link = if position == last { Link::All } else { Link::None });
    }
    for (position, link) in links.into_iter().enumerate() {
        let Some((draft, earlier)) = drafts.get_mut(..=position).and_then(<[Draft]>::split_last_mut) else {
            continue;
        };
        draft.depends_on = match link {
            Link::None => Vec::new(),
            Link::Previous => shallow(earlier).last().copied().into_iter().collect(),
            Link::All => sinks(earlier),
        };
    }
}

/// The drafts that no other one needs; below the deepest level those that these need, since nothing may wait for them.
fn sinks(drafts: &[Draft]) -> Vec<usize> {
    let shallow = shallow(drafts);
    let needed: Vec<usize> = shallow
        .iter()
        .filter_map(|position| drafts.get(*position))
        .flat_map(|draft| draft.depends_on.iter().copied())
        .collect();
    shallow
        .into_iter()
        .filter(|position| !needed.contains(position))
        .collect()
}

/// The drafts that something may wait for: those above the deepest level.
fn shallow(drafts: &[Draft]) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let below = draft
            .depends_on
            .iter()
            .filter_map(|earlier| depths.get(*earlier))
            .max()
            .copied();
        depths.push(below.unwrap_or(0) + 1);
    }
    depths
        .iter()
        .enumerate()
        .filter(|(_, depth)| **depth < DEPTH_MAX)
        .map(|(position, _)| position)
        .collect()
}

fn title(part: &str) -> String {
    let paragraph = part.split("\n\n").next().unwrap_or(part);
    let line = one_line(paragraph);
    let line = line.trim_end_matches(['.', ';', '。', '।']);
    let mut chars = line.chars();
    let capitalised: String = chars.next().into_iter().map(upper_char).chain(chars).collect();
    cut(&capitalised, TITLE_CHARS)
}

fn one_line(text: &str) -> String {
    text.chars()
        .take(4 * TITLE_CHARS)
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// At most `chars` characters and a mark where something is missing.
pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
