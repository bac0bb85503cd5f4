//! What a step is asked to do, as data: the prompts are rendered from it, and the demo reads it instead of prose.

/// One kind of call.
#[derive(Clone, Debug, PartialEq)]
pub enum Brief {
    Plan {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        plan: PlanTerms,
        max_subtasks: u32,
        /// The reply that was refused and why, when this attempt repairs a plan.
        repair: Option<Repair>,
    },
    Subtask {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        /// The plan's outline: every subtask's id and title, in plan order.
        outline: Vec<OutlineItem>,
        id: String,
        title: String,
        task: String,
        /// Those of the plan's criteria that the subtask answers for.
        criteria: Vec<String>,
        /// Its share of the length.
        words: Option<u32>,
        /// The answers of its dependencies, in plan order.
        inputs: Vec<Answer>,
    },
    Reduce {
        prompt: String,
        instructions: Option<String>,
        /// The latest exchange before this request, if there is one.
        history: Vec<Earlier>,
        /// 1-based number of the reduction.
        number: u32,
        answers: Vec<Answer>,
    },
    /// The big model answers the request by itself.
    Direct {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        /// What was written before the reply was truncated; the model is asked to continue it.
        continue_from: Option<String>,
    },
    /// The editor corrects the parts and writes the answer around them.
    Edit {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        criteria: Vec<Criterion>,
        /// Every subtask's part, in plan order.
        parts: Vec<EditPart>,
        /// The script whose edits did not apply, and why: only these are asked for again.
        repair: Option<Repair>,
        continue_from: Option<String>,
        /// As for the synthesis.
        report: Vec<ReportLine>,
    },
    /// A reviewer reads the whole answer and corrects it by edits, or writes it anew where it is short.
    Review {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        criteria: Vec<Criterion>,
        /// What the writers of the parts noted for the editor.
        notes: Vec<Note>,
        answer: String,
        /// The measured length of the answer.
        words: u32,
        /// The answer is short enough to be written anew.
        may_rewrite: bool,
        /// The reply that could not be read and why.
        repair: Option<Repair>,
    },
    /// The answer becomes JSON that fits a schema.
    Structure {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        answer: String,
        /// A JSON Schema (2020-12).
        schema: serde_json::Value,
        /// The reply that did not fit, with the validator's words.
        repair: Option<Repair>,
    },
    Synthesis {
        prompt: String,
        instructions: Option<String>,
        terms: Terms,
        criteria: Vec<Criterion>,
        /// Every subtask's answer, in plan order; a reduction's where the answers were too long together.
        answers: Vec<Answer>,
        continue_from: Option<String>,
        /// How the run went so far. A language model is not told; the demo shows it.
        report: Vec<ReportLine>,
    },
}

/// What all calls of a run are told alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The day on which the run began, in UTC: `2026-11-26`. Empty where it has not begun.
    pub date: String,
    /// The model has a small context, or could not follow the editor's marks: short rules, and one text.
    pub plain: bool,
    /// Everything on which the parts must agree; may be empty.
    pub shared: String,
    pub borders: Vec<BorderLine>,
    pub length: LengthTerms,
    /// Earlier requests and answers of a conversation, oldest first.
    pub history: Vec<Earlier>,
    /// What a person wants this one step to do otherwise.
    pub remark: Option<Remark>,
}

/// An earlier request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub request: String,
    pub answer: String,
    pub cut: bool,
}

/// A person's remark on what the step had written before it was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub text: String,
    /// What the step had written; empty where it had failed.
    pub previous: String,
    pub cut: bool,
}

/// What the writer of a part noted for the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: String,
    pub text: String,
}

/// How long the whole answer may be, in words of prose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LengthTerms {
    pub words: Option<u32>,
    /// The client asked for it, so that only a limit in the request itself wins over it.
    pub firm: bool,
}

/// What only the planner is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanTerms {
    /// It may choose to have the request answered directly.
    pub may_be_direct: bool,
    /// The planner is a small model on the user's own machine, and so are the writers.
    pub is_small: bool,
    /// About as many words as one reply of a subtask, and of the editor, can have.
    pub part_words: u32,
    pub editor_words: u32,
    /// The names of the models that write the parts, and of the one that edits.
    pub part_model: String,
    pub editor_model: String,
}

/// A value, name or topic that two parts touch, and who decides on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BorderLine {
    pub what: String,
    pub owner: Option<String>,
}

/// What an expert will check, and the subtasks that answer for it. Without any it is the editor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    pub text: String,
    pub owners: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    pub reply: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineItem {
    pub id: String,
    pub title: String,
}

/// A part as the editor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditPart {
    pub id: String,
    pub title: String,
    pub content: PartContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartContent {
    /// Without its notes, which stand apart. `words` is its measured length.
    Whole {
        text: String,
        notes: String,
        words: u32,
        cut: bool,
    },
    /// Its sections by number, where all parts together do not fit.
    Outline {
        outline: String,
        notes: String,
        words: u32,
        cut: bool,
    },
    Missing {
        reason: String,
    },
}

/// A subtask's answer as another step sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: String,
    pub title: String,
    pub content: AnswerContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerContent {
    /// `cut`: the text was shortened to fit, or its model stopped at its limit; it is marked in the text.
    Text { text: String, cut: bool },
    /// The subtask failed or was skipped; why, in words.
    Missing { reason: String },
}

/// One line of the run so far, for the demo's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    pub step: String,
    pub title: String,
    pub model: String,
    pub attempts: u32,
    pub duration_ms: u64,
    pub outcome: String,
}
