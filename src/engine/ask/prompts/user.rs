//! The user's message of each kind of call. It begins with what all calls of the kind share in a run, goes on with what
//! differs, and ends with what is to be done.

use super::blocks::{
    answers_block, borders, criteria, date_and_length, earlier, earlier_version, notes, outline, own_criteria, parts,
    request, shared, wishes,
};
use super::data::{attribute, block, block_with};
use super::join;
use crate::json;
use crate::model::{Brief, Criterion, PlanTerms, Terms};

pub(super) fn text(brief: &Brief) -> String {
    match brief {
        Brief::Plan {
            prompt,
            instructions,
            terms,
            plan,
            max_subtasks,
            repair: _,
        } => join(&[
            earlier(&terms.history),
            request(prompt),
            wishes(
                instructions,
                "The answer has to follow these wishes of the user on tone, format or domain; pass on in the \
                 instructions what a task needs of them",
            ),
            date_and_length(terms),
            plan_terms(terms, plan, *max_subtasks),
            earlier_version(terms),
            "Plan this request. Reply with the JSON object only, \"mode\" first.".to_owned(),
        ]),
        Brief::Subtask {
            prompt,
            instructions,
            terms,
            outline: titles,
            id,
            title,
            task,
            criteria,
            words,
            inputs,
        } => join(&[
            // So far the same for every part of the run.
            earlier(&terms.history),
            request(prompt),
            wishes(
                instructions,
                "Wishes of the user on tone, format or domain, to follow as far as they concern your part",
            ),
            date_and_length(terms),
            shared(terms),
            borders(terms),
            outline(titles),
            // From here on the part's own.
            answers_block(inputs),
            own_criteria(criteria),
            block_with(
                "your_task",
                &format!("id=\"{}\"", attribute(id)),
                &format!("{}\n\n{task}", attribute(title)),
            ),
            words.map_or_else(String::new, |words| {
                format!("Your share of the length: about {words} words of prose.")
            }),
            earlier_version(terms),
            "Write the answer to <your_task> now.".to_owned(),
        ]),
        Brief::Reduce {
            prompt,
            instructions,
            history,
            number: _,
            answers,
        } => join(&[
            earlier(history),
            request(prompt),
            wishes(
                instructions,
                "Wishes of the user on the final answer, so that you keep what they need",
            ),
            answers_block(answers),
            "Condense these answers now. Don't answer the request yourself.".to_owned(),
        ]),
        Brief::Direct {
            prompt,
            instructions,
            terms,
            continue_from: _,
        } => join(&[
            earlier(&terms.history),
            request(prompt),
            wishes(instructions, FOLLOW),
            date_and_length(terms),
            earlier_version(terms),
            FINAL.to_owned(),
        ]),
        Brief::Edit {
            prompt,
            instructions,
            terms,
            criteria: expected,
            parts: written,
            repair,
            continue_from: _,
            report: _,
        } => {
            let begin = of_whole(prompt, instructions, terms, expected);
            let work = [parts(written), earlier_version(terms)];
            let end = match repair {
                Some(repair) => [
                    block("editor_script", &repair.reply),
                    block("failed_edits", &repair.reason),
                    "Write the failed edits again now.".to_owned(),
                ],
                None if terms.plain => [String::new(), String::new(), FINAL.to_owned()],
                None => [
                    String::new(),
                    String::new(),
                    "Edit now: first the edits, then the line @answer and the answer.".to_owned(),
                ],
            };
            join(&[begin.as_slice(), &work, &end].concat())
        }
        Brief::Structure {
            prompt,
            instructions,
            terms,
            answer,
            schema,
            repair: _,
        } => join(&[
            earlier(&terms.history),
            request(prompt),
            wishes(instructions, "Wishes of the user on the answer"),
            block("final_answer", answer),
            block("output_schema", &json::text(schema)),
            earlier_version(terms),
            "Write the JSON now.".to_owned(),
        ]),
        Brief::Review {
            prompt,
            instructions,
            terms,
            criteria: expected,
            notes: noted,
            answer,
            words,
            may_rewrite,
            repair: _,
        } => {
            let begin = of_whole(prompt, instructions, terms, expected);
            let work = [
                notes(noted),
                block("final_answer", answer),
                measured(*words, terms, *may_rewrite),
                earlier_version(terms),
                "Review it now: edits, or only \"none\".".to_owned(),
            ];
            join(&[begin.as_slice(), &work].concat())
        }
        Brief::Synthesis {
            prompt,
            instructions,
            terms,
            criteria: expected,
            answers,
            continue_from: _,
            report: _,
        } => {
            let begin = of_whole(prompt, instructions, terms, expected);
            let work = [answers_block(answers), earlier_version(terms), FINAL.to_owned()];
            join(&[begin.as_slice(), &work].concat())
        }
    }
}

/// What begins each call that sees the whole answer, for the prompt caches of its kind.
fn of_whole(prompt: &str, instructions: &Option<String>, terms: &Terms, expected: &[Criterion]) -> [String; 7] {
    [
        earlier(&terms.history),
        request(prompt),
        wishes(instructions, FOLLOW),
        date_and_length(terms),
        shared(terms),
        borders(terms),
        criteria(expected),
    ]
}

/// How long the answer is, and what that allows.
fn measured(words: u32, terms: &Terms, may_rewrite: bool) -> String {
    let mut lines = vec![match terms.length.words {
        Some(limit) if words > limit => {
            format!(
                "The answer has {words} words of prose, {} over its limit of {limit}.",
                words - limit
            )
        }
        Some(limit) => format!("The answer has {words} words of prose; its limit is {limit}."),
        None => format!("The answer has {words} words of prose."),
    }];
    if may_rewrite {
        lines.push("It is short enough to be written anew.".to_owned());
    }
    lines.join("\n")
}

const FOLLOW: &str = "Wishes of the user on tone, format or domain; follow them";
const PREFER_DIRECT: &str = "The writers are small models that work one after the other: choose \"direct\" unless the \
                             request clearly has parts that need a writer each.";
/// The most tasks of a small planner that may choose otherwise.
const SMALL_TASKS_MAX: u32 = 3;
const FINAL: &str = "Write the final answer to <user_request> now.";

/// What only the planner is told: how many tasks there may be, and who writes how much.
fn plan_terms(terms: &Terms, plan: &PlanTerms, max_subtasks: u32) -> String {
    let is_small = plan.is_small && plan.may_be_direct;
    let tasks_max = if is_small {
        max_subtasks.min(SMALL_TASKS_MAX)
    } else {
        max_subtasks
    };
    let mut lines = vec![format!("At most {tasks_max} tasks.")];
    if is_small {
        lines.push(PREFER_DIRECT.to_owned());
    }
    if !terms.plain && plan.part_words > 0 {
        lines.push(format!(
            "The parts are written by {}, those with \"model\": \"big\" by {}: one reply has about {} words at most, \
             code included. The editor is {} too, with about {} words a reply.",
            attribute(&plan.part_model),
            attribute(&plan.editor_model),
            plan.part_words,
            attribute(&plan.editor_model),
            plan.editor_words,
        ));
    }
    if !plan.may_be_direct {
        lines.push("The user has asked for separate parts, so the mode is \"split\".".to_owned());
    }
    lines.join("\n")
}
