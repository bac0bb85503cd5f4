//! Names: workflow ids and tenants.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest id of a workflow, in characters.
pub const ID_CHARS_MAX: usize = 100;

/// The rule in words, for errors.
pub const ID_RULE: &str = "1 to 100 letters, digits, \"_\" or \"-\", not beginning with \"-\"";

/// Words that are, or may become, paths of their own. The second row joined after 0.1.0, so a workflow may have one of
/// them as its id: it is found below `/workflows`, where no route can hide it.
pub(super) const RESERVED: [&str; 20] = [
    "health",
    "docs",
    "mcp",
    "assets",
    "api",
    "console",
    "metrics",
    "events",
    "result",
    "favicon",
    "openapi",
    "index",
    "workflows",
    "v1",
    "ready",
    "share",
    "usage",
    "tenants",
    "login",
    "well-known",
];

/// A workflow's id: matches `^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$` (Cloudflare Workflows' rule). A new one is no reserved
/// word either ([`WorkflowId::parse_new`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct WorkflowId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnId {
    #[error("an id has {ID_RULE}")]
    Malformed,
    #[error("this id is a reserved word, as are: {}", RESERVED.join(", "))]
    Reserved,
}

impl WorkflowId {
    pub fn parse(text: &str) -> Result<WorkflowId, NotAnId> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let well_formed = text.len() <= ID_CHARS_MAX
            && text.bytes().next().is_some_and(word)
            && text.bytes().all(|byte| word(byte) || byte == b'-');
        well_formed
            .then(|| WorkflowId(text.to_owned()))
            .ok_or(NotAnId::Malformed)
    }

    /// The id of a workflow that is to be made.
    pub fn parse_new(text: &str) -> Result<WorkflowId, NotAnId> {
        WorkflowId::parse(text).and_then(|id| {
            if id.is_reserved() {
                Err(NotAnId::Reserved)
            } else {
                Ok(id)
            }
        })
    }

    /// It names no workflow at the root, where the word is a path of its own.
    pub(super) fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }

    pub(super) fn from_uuid(id: uuid::Uuid) -> WorkflowId {
        WorkflowId(id.hyphenated().to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WorkflowId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<WorkflowId, NotAnId> {
        WorkflowId::parse(&text)
    }
}

impl fmt::Display for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose workflows a request may see: the name before a token in `API_TOKENS`, `[a-z0-9-]{1,32}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(String);

impl Tenant {
    /// The tenant where no tokens are configured.
    pub fn default_tenant() -> Tenant {
        Tenant("default".to_owned())
    }

    pub fn parse(text: &str) -> Option<Tenant> {
        let well_formed = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        well_formed.then(|| Tenant(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the Durable Object: neither part can hold a slash, so no two pairs share one.
    pub fn object_name(&self, id: &WorkflowId) -> String {
        format!("{}/{id}", self.0)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_those_of_cloudflare_workflows() {
        for id in [
            "a",
            "_",
            "9",
            "my-workflow_1",
            "018f6e9a-7c1d-7a52-8f6b-1d2f3a4b5c6d",
            &"x".repeat(100),
            "Health",
            "health-1",
        ] {
            assert!(WorkflowId::parse_new(id).is_ok(), "{id}");
        }
    }

    #[test]
    fn anything_else_is_no_id() {
        for id in [
            "",
            "-a",
            "a b",
            "a.b",
            "..",
            "a/b",
            "é",
            "a%20",
            "a\n",
            "a\0",
            &"x".repeat(101),
        ] {
            assert_eq!(WorkflowId::parse(id), Err(NotAnId::Malformed), "{id}");
        }
    }

    #[test]
    fn reserved_words_are_no_ids_of_new_workflows() {
        for id in RESERVED {
            assert_eq!(WorkflowId::parse_new(id), Err(NotAnId::Reserved), "{id}");
            assert_eq!(WorkflowId::parse(id).map(|id| id.to_string()), Ok(id.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn an_accepted_id_keeps_its_text_and_needs_no_escape_in_a_path(text in "\\PC{0,120}") {
            if let Ok(id) = WorkflowId::parse(&text) {
                prop_assert_eq!(id.as_str(), &text);
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'));
            }
        }

        #[test]
        fn every_uuid_is_an_id(bytes: [u8; 16]) {
            let id = WorkflowId::from_uuid(uuid::Uuid::from_bytes(bytes));
            prop_assert_eq!(WorkflowId::parse(id.as_str()), Ok(id));
        }
    }
}
