//! `Idempotency-Key` decides the workflow's id. The workflow's own object then guards the key, and nothing else has to
//! be stored.

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

/// SHA-256 of what a request said, in hex. `kind` tells a text from the same text read as JSON.
pub(super) fn fingerprint(kind: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update([0]);
    hash.update(body);
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

    #[test]
    fn another_body_has_another_fingerprint() {
        assert_eq!(fingerprint("json", b"{}"), fingerprint("json", b"{}"));
        assert_ne!(fingerprint("json", b"{}"), fingerprint("json", b"{ }"));
        assert_ne!(fingerprint("json", b"{}"), fingerprint("text", b"{}"));
        assert_eq!(fingerprint("text", b"").len(), 64);
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
    }
}
