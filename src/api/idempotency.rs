//! `Idempotency-Key` decides the workflow's id. The workflow's own object then guards the key, and nothing else has to
//! be stored beside what tells whether two bodies are the same request ([`Fingerprints`]).

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::headers::unquote;
use super::id::{Tenant, WorkflowId};
use super::problem::{Problem, shown};

/// The longest key, in characters.
pub const KEY_CHARS_MAX: usize = 255;

/// A client's key, without the quotes of the draft standard's syntax: `"k1"` and `k1` are the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// draft-ietf-httpapi-idempotency-key-header section 2.1 has a quoted string; most clients send it bare.
    pub fn parse(header: &str) -> Result<IdempotencyKey, Problem> {
        let header = header.trim();
        let key = if header.starts_with('"') {
            unquote(header)
        } else {
            Some(header.to_owned())
        };
        let printable = |key: &String| key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        key.filter(|key| (1..=KEY_CHARS_MAX).contains(&key.len()) && printable(key))
            .map(IdempotencyKey)
            .ok_or_else(|| {
                let detail = format!(
                    "the header Idempotency-Key is {}: expected 1 to {KEY_CHARS_MAX} printable ASCII characters, best \
                        a UUID",
                    shown(header)
                );
                Problem::invalid(detail)
            })
    }

    /// A UUIDv8 (RFC 9562 section 5.8) from the SHA-256 of tenant and key: tenants can't meet, and no id tells its key.
    pub fn workflow_id(&self, tenant: &Tenant) -> WorkflowId {
        let mut hash = Sha256::new();
        // A tenant holds no NUL, so that no two pairs give one text.
        hash.update(tenant.as_str());
        hash.update([0]);
        hash.update(&self.0);
        let digest: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        for (byte, from) in bytes.iter_mut().zip(digest) {
            *byte = from;
        }
        WorkflowId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// What tells whether two bodies are the same request. Both are journaled, because a build of either version may have
/// to compare them. 0.1.0 knows bytes only, and a deploy or a rollback may lie between a request and its repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of the bytes, as 0.1.0 writes and compares it.
    pub bytes: String,
    /// Of what the body says, with the version of the rules before it: see [`meaning`].
    pub meaning: String,
}

impl Fingerprints {
    /// `value`: the body as JSON. A text is the object that has it as its `prompt`, because both ask for the same.
    /// `kind` tells a text from the same text read as JSON.
    pub(super) fn of(kind: &str, body: &[u8], value: &Value) -> Fingerprints {
        Fingerprints {
            bytes: sha256(&[kind.as_bytes(), &[0], body]),
            meaning: meaning(value),
        }
    }
}

/// `2:` and the SHA-256 of the canonical JSON of a body, in hex. The rules are those of RFC 8785 as far as our bodies
/// need them: no white space, keys in order, one spelling for each text and one for each whole number. The parser has
/// made a `3` of `3.0` already (see `json`). A member that is null is left out, because null counts as absent. Whoever
/// changes the rules changes the version too, so that nothing is compared that differs by them.
fn meaning(body: &Value) -> String {
    let mut text = String::new();
    canonical(body, &mut text);
    format!("2:{}", sha256(&[text.as_bytes()]))
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            // The map is in the order of its keys.
            text.push('{');
            for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                separate(text, '{');
                text.push_str(&crate::json::text(key));
                text.push(':');
                canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                separate(text, '[');
                canonical(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&crate::json::text(plain)),
    }
}

/// No value ends in the character that opens the one around it.
fn separate(text: &mut String, opening: char) {
    if !text.ends_with(opening) {
        text.push(',');
    }
}

/// In hex, of the parts one after the other.
fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(header: &str) -> IdempotencyKey {
        IdempotencyKey::parse(header).unwrap()
    }

    #[test]
    fn the_id_of_a_key_is_stable_and_a_version_8_uuid() {
        let alice = Tenant::parse("alice").unwrap();
        let id = key("k1").workflow_id(&alice);
        // sha256("alice\0k1"), with version and variant set. Pinned: another id for the same key would repeat paid
        // work.
        assert_eq!(id.as_str(), "aa885803-23c7-8c7b-aec8-dc5b9259a664");
        assert_eq!(id, key("\"k1\"").workflow_id(&alice));
        assert_ne!(id, key("k2").workflow_id(&alice));
        assert_ne!(id, key("k1").workflow_id(&Tenant::default_tenant()));
    }

    #[test]
    fn a_key_is_printable_and_bounded() {
        for header in ["", " ", "\"\"", "\"a", "\"a\"b\"", "é", "a\tb", "a\0", &"x".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(header).unwrap_err().status(), 400, "{header}");
        }
        assert_eq!(key(r#""a\"b""#), IdempotencyKey("a\"b".to_owned()));
        assert!(IdempotencyKey::parse(&"x".repeat(255)).is_ok());
    }

    fn said(text: &str) -> String {
        meaning(&super::super::json::parse(text).unwrap())
    }

    #[test]
    fn the_fingerprint_of_the_bytes_is_that_of_0_1_0() {
        let bytes = |kind: &str, body: &str| Fingerprints::of(kind, body.as_bytes(), &Value::Null).bytes;
        // sha256("json\0{\"prompt\":\"p\"}"). Pinned: 0.1.0 compares it after a rollback.
        assert_eq!(
            bytes("json", r#"{"prompt":"p"}"#),
            "78dd9edf3c5461cc3feae7d1d84209d797a91b47232a118840b304ffec286429"
        );
        assert_ne!(bytes("json", "{}"), bytes("json", "{ }"));
        assert_ne!(bytes("json", "{}"), bytes("text", "{}"));
    }

    #[test]
    fn the_canonical_text_is_json() {
        let canonical = |text: &str| {
            let mut written = String::new();
            super::canonical(&super::super::json::parse(text).unwrap(), &mut written);
            written
        };
        for (body, expected) in [
            (
                r#"{"b": [1, [], {}, "[", "{"], "a": {"x": null, "y": [[2.0]]}}"#,
                r#"{"a":{"y":[[2]]},"b":[1,[],{},"[","{"]}"#,
            ),
            (r#"{"x": null}"#, "{}"),
            ("[null]", "[null]"),
        ] {
            assert_eq!(canonical(body), expected);
        }
    }

    #[test]
    fn bodies_that_say_the_same_have_one_meaning() {
        let body = r#"{"prompt": "Grüße 🎉", "options": {"max_subtasks": 3, "approval": "plan"}, "tasks": ["a", "b"]}"#;
        for same in [
            r#"{"tasks":["a","b"],"options":{"approval":"plan","max_subtasks":3},"prompt":"Grüße 🎉"}"#,
            r#"{"prompt": "Gr\u00fc\u00dfe \ud83c\udf89", "options": {"max_subtasks": 3.0, "approval": "plan"},
                "tasks": ["a", "b"]}"#,
            r#"{"prompt": "Grüße 🎉", "options": {"max_subtasks": 3e0, "approval": "\u0070lan", "token_budget": null},
                "id": null, "tasks": [ "a" , "b" ]}"#,
        ] {
            assert_eq!(said(same), said(body), "{same}");
        }
        for other in [
            r#"{"prompt": "Grüße", "options": {"max_subtasks": 3, "approval": "plan"}, "tasks": ["a", "b"]}"#,
            r#"{"prompt": "Grüße 🎉", "options": {"max_subtasks": 4, "approval": "plan"}, "tasks": ["a", "b"]}"#,
            r#"{"prompt": "Grüße 🎉", "options": {"max_subtasks": 3, "approval": "plan"}, "tasks": ["b", "a"]}"#,
            r#"{"prompt": "Grüße 🎉", "options": {"max_subtasks": "3", "approval": "plan"}, "tasks": ["a", "b"]}"#,
            r#"{"prompt": "Grüße 🎉", "tasks": ["a", "b"]}"#,
        ] {
            assert_ne!(said(other), said(body), "{other}");
        }
        // sha256("{\"prompt\":\"p\"}"). Pinned: other rules need another version.
        assert_eq!(
            said(r#"{"prompt": "p"}"#),
            "2:4b3f025124f2bcf3b1631fdfd45d9e593332f876d6d84aa8db7bf31564b7355d"
        );
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_header_is_a_key_or_refused(header in proptest::prelude::any::<String>()) {
            if let Ok(key) = IdempotencyKey::parse(&header) {
                let id = key.workflow_id(&Tenant::default_tenant());
                proptest::prop_assert_eq!(WorkflowId::parse(id.as_str()), Ok(id));
            }
        }

        #[test]
        fn neither_the_order_of_keys_nor_white_space_matters(
            members in proptest::collection::btree_map("[a-zü\"]{1,4}", "\\PC{0,8}", 0..6),
            rotated in 0usize..6,
        ) {
            let text = |pairs: Vec<(&String, &String)>, between: &str| {
                let pairs: Vec<String> = pairs
                    .into_iter()
                    .map(|(key, value)| format!("{}:{between}{}", crate::json::text(key), crate::json::text(value)))
                    .collect();
                format!("{{{}}}", pairs.join(&format!(",{between}")))
            };
            let mut pairs: Vec<_> = members.iter().collect();
            let sorted = text(pairs.clone(), "");
            let middle = rotated.min(pairs.len());
            pairs.rotate_left(middle);
            proptest::prop_assert_eq!(said(&text(pairs, "\n ")), said(&sorted));
        }
    }
}
