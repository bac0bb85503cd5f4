//! The one table of what can go wrong with a model's call, a step or a workflow: each error's name, what happened, and
//! what to do about it. Problems of HTTP requests have a table of their own (`api::problem`).
//!
//! A [`ModelError`](crate::model::ModelError) and the engine's own errors can only bear a name of this table, so that
//! none is without its row. `docs/errors.md` is made of both tables, and a test holds it to them. Names are stored in
//! journals: they are never renamed or reused, new ones may join.

use std::fmt;

use crate::text::sentence;

macro_rules! errors {
    ($($name:ident: $happened:literal, $remedy:literal;)*) => {
        /// The stable name of an error, in UpperCamelCase.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ErrorName {
            $(#[doc = $happened] $name,)*
        }

        impl ErrorName {
            pub const ALL: &[ErrorName] = &[$(ErrorName::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(ErrorName::$name => stringify!($name),)*
                }
            }

            /// The row of a name that was stored. None: another build's.
            pub fn parse(name: &str) -> Option<ErrorName> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }

            /// What to do, as a sentence without its full stop. It stands at the end of the message of an error that
            /// ends a step or a workflow.
            pub const fn remedy(self) -> &'static str {
                match self {
                    $(ErrorName::$name => $remedy,)*
                }
            }

            /// What happened, as a sentence without its full stop. For the documents.
            #[cfg(not(target_arch = "wasm32"))]
            pub const fn happened(self) -> &'static str {
                match self {
                    $(ErrorName::$name => $happened,)*
                }
            }
        }
    };
}

errors! {
    // Of the step or the workflow: the engine's own.
    AllSubtasksFailed: "No subtask has an answer, so that there is nothing to synthesise",
        "see the errors of the subtasks, mend their cause, and restart from \"failed\"";
    ContextTooSmall: "What the step has to be given does not fit the context of its models, however it is cut",
        "shorten the request, or configure a model with a larger context";
    CrashLoop: "The host ended ten times in a row while the step ran",
        "see the Worker's log for what ends it, then restart from this step";
    DeadlineReached: "The call was aborted because deadline_seconds was used up",
        "submit with a longer deadline_seconds, or ask for less";
    EmptyReply: "The model answered without any text",
        "see the attempt's message for where the tokens went; a larger limit of tokens or another model helps";
    InvalidOutput: "The JSON that was made of the answer does not fit output_schema",
        "the answer is there as text; see the validator's words, and restart from \"failed\" or submit another schema";
    InvalidPlan: "The planner's reply is no valid plan",
        "restart, name another big_model, or bring your own tasks";
    InvalidReview: "The reviewer's reply is neither a correction of the answer nor a new text of it",
        "the answer stands without a review: restart from review/1, or name another big_model";
    JournalFull: "The call was aborted because the workflow's journal has reached its bound",
        "submit a new workflow, or raise JOURNAL_BYTES_MAX";
    LimitReached: "A limit of the run was reached before there was what was asked for",
        "raise deadline_seconds, token_budget or JOURNAL_BYTES_MAX, whichever the message names";
    Lost: "The host ended while the call ran, which is made again",
        "nothing: ten losses in a row end the step with CrashLoop";
    TokenBudgetReached: "The call was aborted because token_budget was used up",
        "submit with a larger token_budget, or ask for less";
    UnknownFinish: "The model stopped for a reason that is not known here, so that its text may be incomplete",
        "compare the text with what was asked; the message quotes the reason, which the server's documents explain";

    // Of the call: what the server or the network did.
    Aborted: "The call was aborted before it ended",
        "restart from this step";
    BadReply: "The server's reply could not be read as a model's",
        "check that the base URL names an OpenAI-compatible API; the message shows the reply's beginning";
    BadRequest: "The server refused the request",
        "see the server's words; another model may accept it";
    ContentFiltered: "The provider's content filter stopped the reply",
        "rephrase the request, or configure another model";
    ContextTooLong: "The server says that the request is longer than the model's context",
        "set BIG_MODEL_CONTEXT_TOKENS or SMALL_MODEL_CONTEXT_TOKENS to the model's real size, or shorten the request";
    DemoFailure: "The prompt asked the demo to fail here",
        "leave out the marker [demo: fail ...]";
    Forbidden: "The key may not use this model, or not from here",
        "check the key's rights and the model's terms of use";
    HttpError: "The server answered with an unexpected status",
        "see the server's words; check the base URL";
    InvalidAddress: "The provider's address can't be read as a URL",
        "check the base URL";
    InvocationEnded: "The Worker's own invocation ended during the call, which is made again",
        "nothing: the call does not count";
    ModelNotFound: "The server has no such model",
        "check the name in BIG_MODEL or SMALL_MODEL";
    ModelLoading: "The server is still loading the model",
        "restart from this step once the model is loaded";
    NetworkError: "The server could not be reached, or the connection broke",
        "check that the server runs and that the base URL is right";
    NoModel: "No model is named, and the server lists none",
        "pull a model, or name one in BIG_MODEL and SMALL_MODEL";
    NotConfigured: "The model's provider is not configured",
        "set the variable or binding that the message names";
    NotFound: "The server has no such path",
        "check the base URL, which ends in /v1 on most servers";
    OutputRejected: "The service refused the JSON that its own model wrote",
        "restart from this step, or configure another model";
    OutOfMemory: "The server has not the memory that the model needs",
        "configure a smaller model";
    OutOfCapacity: "The provider has no capacity for the model at the moment",
        "restart from this step later, or configure a further model";
    ProviderError: "The provider ended the reply with an error",
        "restart from this step later, or configure a further model";
    QuotaExceeded: "An allowance of the account is used up",
        "raise the allowance or the balance at the provider, or configure a model of another one";
    RateLimited: "The provider refuses calls for a while",
        "restart from this step later, or lower MAX_CONCURRENT_CALLS";
    Refused: "The model declined, in words that the message quotes",
        "rephrase the request, or configure another model";
    RegionNotSupported: "The provider does not serve the country that the call comes from",
        "configure a model of another provider";
    ReplyTooLong: "The reply is longer than what is read of one",
        "ask for less in one step, or lower the limit of tokens";
    RequestTooLarge: "The server refuses a request of this size",
        "shorten the request, or configure another model";
    ServerError: "The server failed",
        "restart from this step later; its own log tells more";
    StreamCutOff: "The reply broke off before its end",
        "restart from this step; a proxy's time limit between here and the server is a common cause";
    Timeout: "The model took longer than the time limits allow",
        "raise the time limit that the message names, or configure a faster model";
    Unauthorized: "The server does not accept the key",
        "check the provider's key";
}

impl ErrorName {
    /// The message of an error that ends a step or a workflow: what happened, in our own or somebody else's words, and
    /// what to do about it.
    pub fn with_remedy(self, message: &str) -> String {
        format!("{} What to do: {}.", sentence(message), self.remedy())
    }
}

impl PartialEq<str> for ErrorName {
    fn eq(&self, name: &str) -> bool {
        self.as_str() == name
    }
}

impl PartialEq<&str> for ErrorName {
    fn eq(&self, name: &&str) -> bool {
        self.as_str() == *name
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_and_its_remedy_are_two_sentences_however_the_message_ends() {
        for name in ErrorName::ALL {
            for said in [
                "HTTP 500: no",
                "Network connection lost.",
                "is it running?",
                "no!",
                "cut...",
                "cut\u{2026}",
                "(no)",
                "no. ",
            ] {
                let message = name.with_remedy(&format!("m: {said}"));
                let (happened, remedy) = message.split_once(" What to do: ").expect("both");
                assert!(happened.ends_with(['.', '?', '!', '\u{2026}']), "{message}");
                assert!(remedy.ends_with('.') && !remedy.ends_with(".."), "{message}");
                assert!(
                    !["?.", "!.", "\u{2026}.", "....", " .", "  ", ".:", ":."]
                        .iter()
                        .any(|odd| happened.contains(odd)),
                    "{message}"
                );
                assert_eq!(happened.contains(".."), said.contains(".."), "{message}");
            }
        }
    }
}
