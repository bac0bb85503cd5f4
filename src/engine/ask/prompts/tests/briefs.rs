//! Briefs of one run, to look at what is made of them.

use crate::model::{
    Answer, AnswerContent, BorderLine, Brief, Criterion, Earlier, EditPart, LengthTerms, Note, OutlineItem,
    PartContent, PlanTerms, Remark, Repair, ReportLine, Terms,
};

pub const REQUEST: &str = "Compare Rust and Go for a small team.";
const WISHES: &str = "Formal tone.";

pub fn terms() -> Terms {
    Terms {
        date: "2026-11-26".into(),
        plain: false,
        shared: "Prices are in euros.".into(),
        borders: vec![
            BorderLine {
                what: "the list\nof prices".into(),
                owner: Some("t1".into()),
            },
            BorderLine {
                what: "the verdict".into(),
                owner: Some("editor".into()),
            },
        ],
        length: LengthTerms {
            words: Some(900),
            firm: false,
        },
        history: Vec::new(),
        remark: None,
    }
}

pub fn plain() -> Terms {
    Terms { plain: true, ..terms() }
}

fn text(id: &str, text: &str) -> Answer {
    Answer {
        id: id.into(),
        title: format!("Title {id}"),
        content: AnswerContent::Text {
            text: text.into(),
            cut: false,
        },
    }
}

pub fn answers() -> Vec<Answer> {
    vec![
        text("t1", "Rust has no garbage collector."),
        Answer {
            id: "t2".into(),
            title: "Go".into(),
            content: AnswerContent::Text {
                text: "Go has".into(),
                cut: true,
            },
        },
        Answer {
            id: "t3".into(),
            title: "Costs".into(),
            content: AnswerContent::Missing {
                reason: "5 attempts failed".into(),
            },
        },
    ]
}

pub fn criteria() -> Vec<Criterion> {
    vec![
        Criterion {
            text: "names the trap of\nhidden costs".into(),
            owners: vec!["t1".into(), "t4".into()],
        },
        Criterion {
            text: "ends with a verdict".into(),
            owners: vec![],
        },
    ]
}

pub fn planning(terms: Terms, repair: Option<Repair>) -> Brief {
    Brief::Plan {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        plan: PlanTerms {
            may_be_direct: true,
            is_small: terms.plain,
            part_words: 2_550,
            editor_words: 5_100,
            part_model: "small-1".into(),
            editor_model: "big-1".into(),
        },
        terms: Terms {
            shared: String::new(),
            borders: vec![],
            ..terms
        },
        max_subtasks: 8,
        repair,
    }
}

/// The part `id` with these inputs.
pub fn part(terms: Terms, id: &str, inputs: Vec<Answer>) -> Brief {
    let item = |id: &str, title: &str| OutlineItem {
        id: id.into(),
        title: title.into(),
    };
    Brief::Subtask {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms,
        outline: vec![item("t1", "Rust"), item("t4", "Compare them")],
        id: id.into(),
        title: format!("Title of {id}"),
        task: format!("Work on {id}."),
        criteria: vec![format!("criterion of {id}")],
        words: Some(300),
        inputs,
    }
}

pub fn reduction() -> Brief {
    Brief::Reduce {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        history: Vec::new(),
        number: 1,
        answers: answers(),
    }
}

pub fn direct(continue_from: Option<&str>) -> Brief {
    Brief::Direct {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms: Terms {
            shared: String::new(),
            borders: vec![],
            ..terms()
        },
        continue_from: continue_from.map(str::to_owned),
    }
}

pub fn edit(terms: Terms, repair: Option<Repair>, continue_from: Option<&str>) -> Brief {
    let part = |id: &str, content| EditPart {
        id: id.into(),
        title: format!("Title of {id}"),
        content,
    };
    Brief::Edit {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms,
        criteria: criteria(),
        parts: vec![
            part(
                "t1",
                PartContent::Whole {
                    text: "## Rust\n\nNo collector.".into(),
                    notes: "Note: the prices are old.".into(),
                    words: 310,
                    cut: false,
                },
            ),
            part(
                "t2",
                PartContent::Outline {
                    outline: "t2.1 ## Go (200 words): It has".into(),
                    notes: String::new(),
                    words: 200,
                    cut: true,
                },
            ),
            part(
                "t3",
                PartContent::Missing {
                    reason: "5 attempts failed".into(),
                },
            ),
        ],
        repair,
        continue_from: continue_from.map(str::to_owned),
        report: Vec::new(),
    }
}

pub fn reviewed(terms: Terms, repair: Option<Repair>) -> Brief {
    Brief::Review {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms,
        criteria: criteria(),
        notes: vec![Note {
            id: "t1".into(),
            text: "Note: the prices are old.".into(),
        }],
        answer: "## Rust\n\nNo collector.".into(),
        words: 950,
        may_rewrite: true,
        repair,
    }
}

pub fn structured(terms: Terms, repair: Option<Repair>) -> Brief {
    Brief::Structure {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms,
        answer: "Rust.".into(),
        schema: serde_json::json!({ "type": "object" }),
        repair,
    }
}

pub fn unreadable() -> Option<Repair> {
    Some(Repair {
        reply: "A fine answer.".into(),
        reason: "the reply has neither an edit nor a line @answer".into(),
    })
}

/// The same run as a follow-up, with a remark on the step.
pub fn going_on() -> Terms {
    Terms {
        history: vec![
            Earlier {
                request: "Which port?".into(),
                answer: "8080.".into(),
                cut: false,
            },
            Earlier {
                request: "And the host?".into(),
                answer: "It is".into(),
                cut: true,
            },
        ],
        remark: Some(Remark {
            text: "Shorter.".into(),
            previous: "What was written.".into(),
            cut: false,
        }),
        ..terms()
    }
}

pub fn failed_edits() -> Option<Repair> {
    Some(Repair {
        reply: "@edit t1\n<<<<\nA collector.\n====\nNone.\n>>>>\n@answer\n@include t1".into(),
        reason: "- edit 1 (of t1): the old text is not in part t1: copy it exactly".into(),
    })
}

pub fn merge(terms: Terms, continue_from: Option<&str>) -> Brief {
    let line = ReportLine {
        step: "plan".into(),
        title: "x".into(),
        model: "SECRET-MODEL".into(),
        attempts: 1,
        duration_ms: 5,
        outcome: "complete".into(),
    };
    Brief::Synthesis {
        prompt: REQUEST.into(),
        instructions: Some(WISHES.into()),
        terms,
        criteria: criteria(),
        answers: answers(),
        continue_from: continue_from.map(str::to_owned),
        report: vec![line],
    }
}

pub fn refused(reply: &str) -> Option<Repair> {
    Some(Repair {
        reply: reply.into(),
        reason: "subtask t3 depends on unknown subtask t9".into(),
    })
}

/// A brief of every kind and style.
pub fn all() -> Vec<Brief> {
    vec![
        planning(terms(), None),
        planning(plain(), None),
        part(terms(), "t4", answers()),
        part(plain(), "t4", answers()),
        direct(None),
        edit(terms(), None, None),
        edit(plain(), None, None),
        edit(terms(), failed_edits(), None),
        merge(terms(), None),
        merge(plain(), None),
        reduction(),
        planning(going_on(), None),
        part(going_on(), "t4", answers()),
        merge(going_on(), None),
        edit(going_on(), None, None),
        reviewed(going_on(), None),
        reviewed(terms(), None),
        structured(terms(), None),
        structured(terms(), unreadable()),
        reviewed(terms(), unreadable()),
    ]
}
