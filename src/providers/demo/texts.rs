//! The demo's texts. Instead of an answer they show what a model would have been given, and how the run went. They
//! invent nothing.

use super::planner::cut;
use super::{NOTICE, answer_chars, hash};
use crate::model::tokens::estimate_messages_tokens;
use crate::model::{Answer, AnswerContent, ModelRequest, ReportLine, Terms};

/// How a real model is switched on, in one line: from a clone, or from the package.
const REAL_MODEL: &str = concat!(
    "MODEL_PROVIDER=ollama npm start\n```\n\n\
    or, without a clone:\n\n\
    ```sh\nMODEL_PROVIDER=ollama npx ./orchestrator-workers-",
    env!("CARGO_PKG_VERSION"),
    ".tgz"
);
const CELL_CHARS: usize = 80;
const INSTRUCTIONS_CHARS: usize = 2_000;
/// One part in so many ends with a note to the editor, always the same ones.
const NOTE_EVERY: u64 = 3;

pub(super) fn subtask(
    request: &ModelRequest,
    terms: &Terms,
    id: &str,
    title: &str,
    task: &str,
    inputs: &[Answer],
) -> String {
    let chars: usize = request
        .messages
        .iter()
        .map(|message| message.content.chars().count())
        .sum();
    let mut text = format!(
        "{NOTICE}\n\n## {}\n\nA model would have been given subtask `{}`:\n\n{}\n",
        cell(title),
        cell(id),
        quoted(task)
    );
    if inputs.is_empty() {
        text.push_str("It depends on no other subtask, so it would have seen no other answer.\n");
    } else {
        text.push_str("It would have seen these answers:\n\n");
        text.push_str(&answers_table(inputs));
    }
    let told = told(terms);
    if !told.is_empty() {
        text.push_str(&format!("\n{told}"));
    }
    text.push_str(&format!(
        "\nThe prompt of `{}` has {chars} characters, an estimated {} tokens; the answer may have up to {} tokens.\n",
        cell(&request.model.name),
        estimate_messages_tokens(&request.messages),
        request.max_tokens
    ));
    let missing: Vec<String> = inputs
        .iter()
        .filter(|input| answer_chars(input).is_none())
        .map(|input| format!("\nNote: `{}` was missing.\n", cell(&input.id)))
        .collect();
    if !missing.is_empty() {
        text.push_str(&missing.concat());
    } else if hash(task).is_multiple_of(NOTE_EVERY) {
        text.push_str("\nNote: this line is for the editor; the answer leaves it out.\n");
    }
    text
}

pub(super) fn direct(prompt: &str, terms: &Terms) -> String {
    format!(
        "{NOTICE}\n\nA model would have answered this request in one call:\n\n{}\n{}{}",
        quoted(prompt),
        told(terms),
        real_model()
    )
}

/// What a model would have been told of a conversation, and of what was written before.
pub(super) fn told(terms: &Terms) -> String {
    let mut text = String::new();
    if let Some(latest) = terms.history.last() {
        let count = terms.history.len();
        let exchanges = if count == 1 { "exchange" } else { "exchanges" };
        text.push_str(&format!(
            "It would have seen {count} earlier {exchanges}, the last of which began with this request:\n\n{}\n",
            quoted(&cell(&latest.request))
        ));
    }
    if let Some(remark) = &terms.remark {
        text.push_str(&format!(
            "It would have seen what it wrote before, {} characters, and this remark:\n\n{}\n",
            remark.previous.chars().count(),
            quoted(&remark.text)
        ));
    }
    text
}

pub(super) fn quoted(text: &str) -> String {
    let lines = cut(text, INSTRUCTIONS_CHARS);
    lines.lines().map(|line| format!("> {line}\n")).collect()
}

/// The line that starts a real model.
pub(super) fn real_model() -> String {
    format!(
        "This line starts it with a real model, one that Ollama runs on this machine:\n\n```sh\n{REAL_MODEL}\n```\n"
    )
}

pub(super) fn reduction(answers: &[Answer]) -> String {
    format!(
        "{NOTICE}\n\nA model would have condensed these answers:\n\n{}",
        answers_table(answers)
    )
}

pub(super) fn synthesis(answers: &[Answer], report: &[ReportLine]) -> String {
    let mut text =
        format!("{NOTICE}\n\nThis is how the run went. A model would have written the answer to the request here.\n\n");
    text.push_str(&run_table(report, |step| {
        let answer = answers.iter().find(|answer| is_of_step(answer, step));
        answer.map_or_else(String::new, answer_cell)
    }));
    let unlisted: Vec<Answer> = answers
        .iter()
        .filter(|answer| !report.iter().any(|line| is_of_step(answer, &line.step)))
        .cloned()
        .collect();
    if !unlisted.is_empty() {
        text.push_str(&format!("\nAnswers to put together:\n\n{}", answers_table(&unlisted)));
    }
    text.push('\n');
    text.push_str(&real_model());
    text
}

/// One line for each step; `answer` gives the last cell.
pub(super) fn run_table(report: &[ReportLine], answer: impl Fn(&str) -> String) -> String {
    let mut table = "| Step | Title | Model | Attempts | Time | Outcome | Answer |\n\
        | --- | --- | --- | ---: | ---: | --- | --- |\n"
        .to_owned();
    // The line of the call itself would differ between the parts of a truncated text.
    let is_own = |line: &&ReportLine| line.step == "synthesis" || line.step.starts_with("edit/");
    for line in report.iter().filter(|line| !is_own(line)) {
        table.push_str(&format!(
            "| `{}` | {} | {} | {} | {} | {} | {} |\n",
            cell(&line.step),
            cell(&line.title),
            cell(&line.model),
            line.attempts,
            seconds(line.duration_ms),
            cell(&line.outcome),
            answer(&line.step)
        ));
    }
    table
}

fn is_of_step(answer: &Answer, step: &str) -> bool {
    step == answer.id || step.strip_prefix("subtask/") == Some(answer.id.as_str())
}

fn answers_table(answers: &[Answer]) -> String {
    let mut table = "| Subtask | Title | Answer |\n| --- | --- | --- |\n".to_owned();
    for answer in answers {
        table.push_str(&format!(
            "| `{}` | {} | {} |\n",
            cell(&answer.id),
            cell(&answer.title),
            answer_cell(answer)
        ));
    }
    table
}

fn answer_cell(answer: &Answer) -> String {
    match (&answer.content, answer_chars(answer)) {
        (AnswerContent::Text { cut: true, .. }, Some(chars)) => format!("{chars} characters, cut"),
        (AnswerContent::Missing { reason }, _) => format!("missing: {}", cell(reason)),
        (_, chars) => format!("{} characters", chars.unwrap_or(0)),
    }
}

fn seconds(duration_ms: u64) -> String {
    format!("{}.{} s", duration_ms / 1_000, duration_ms % 1_000 / 100)
}

/// Text inside a table or code span: one bounded line without their delimiters.
pub(super) fn cell(text: &str) -> String {
    let line = text
        .chars()
        .take(4 * CELL_CHARS)
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    cut(&line, CELL_CHARS)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_answer(id: &str, chars: usize) -> Answer {
        Answer {
            id: id.into(),
            title: format!("Title | of\n{id}"),
            content: AnswerContent::Text {
                text: "é".repeat(chars),
                cut: false,
            },
        }
    }

    #[test]
    fn the_synthesis_is_one_table_of_the_run_and_the_line_that_starts_a_real_model() {
        let line = |step: &str, outcome: &str| ReportLine {
            step: step.into(),
            title: "A | title".into(),
            model: "demo-small".into(),
            attempts: 2,
            duration_ms: 1_250,
            outcome: outcome.into(),
        };
        let missing = Answer {
            id: "t2".into(),
            title: "x".into(),
            content: AnswerContent::Missing {
                reason: "it failed".into(),
            },
        };
        let report = [
            line("plan", "complete"),
            line("subtask/t1", "complete"),
            line("subtask/t2", "failed"),
            line("synthesis", "running"),
        ];
        assert_eq!(
            synthesis(&[text_answer("t1", 7), missing], &report),
            "Demo: no language model was called.\n\n\
             This is how the run went. A model would have written the answer to the request here.\n\n\
             | Step | Title | Model | Attempts | Time | Outcome | Answer |\n\
             | --- | --- | --- | ---: | ---: | --- | --- |\n\
             | `plan` | A \\| title | demo-small | 2 | 1.2 s | complete |  |\n\
             | `subtask/t1` | A \\| title | demo-small | 2 | 1.2 s | complete | 7 characters |\n\
             | `subtask/t2` | A \\| title | demo-small | 2 | 1.2 s | failed | missing: it failed |\n\n\
             This line starts it with a real model, one that Ollama runs on this machine:\n\n\
             ```sh\nMODEL_PROVIDER=ollama npm start\n```\n\nor, without a clone:\n\n\
             ```sh\nMODEL_PROVIDER=ollama npx ./orchestrator-workers-VERSION.tgz\n```\n"
                .replace("VERSION", env!("CARGO_PKG_VERSION"))
        );
    }

    #[test]
    fn answers_without_a_line_of_their_own_are_listed_apart() {
        let text = synthesis(&[text_answer("reduce/1", 5)], &[]);
        assert!(
            text.contains("Answers to put together")
                && text.contains("| `reduce/1` | Title \\| of reduce/1 | 5 characters |"),
            "{text}"
        );
        assert!(reduction(&[text_answer("t1", 9)]).contains("| `t1` | Title \\| of t1 | 9 characters |"));
    }
}
