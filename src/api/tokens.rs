//! Access tokens (`API_TOKENS`): who may use this deployment. Only their hashes are kept, so that no log and no error
//! can show one.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::id::Tenant;

/// The shortest token that is accepted, in characters: shorter ones can be guessed.
pub const TOKEN_CHARS_MIN: usize = 16;
const TOKEN_CHARS_MAX: usize = 512;
/// Every request is compared with all of them.
const TOKENS_MAX: usize = 200;

/// The configured tokens, each with the tenant that it opens.
#[derive(Clone, Default, PartialEq)]
pub struct Tokens {
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq)]
struct Entry {
    tenant: Tenant,
    digest: [u8; 32],
}

impl Tokens {
    /// `name:token` pairs separated by commas. The error names an entry by its position and shows nothing of it: where
    /// the name was forgotten, what stands in its place is the secret.
    pub fn parse(text: &str) -> Result<Tokens, String> {
        let mut tokens = Tokens::default();
        for (index, entry) in text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .enumerate()
        {
            if index == TOKENS_MAX {
                return Err(format!("more than {TOKENS_MAX} entries"));
            }
            let entry = Entry::parse(entry).map_err(|reason| format!("entry {}: {reason}", index + 1))?;
            if tokens.entries.iter().any(|other| other.tenant == entry.tenant) {
                return Err(format!("entry {}: another entry has the same name", index + 1));
            }
            if tokens.entries.iter().any(|other| other.digest == entry.digest) {
                return Err(format!("entry {}: another entry has the same token", index + 1));
            }
            tokens.entries.push(entry);
        }
        Ok(tokens)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The tenant of a token, in constant time: hashes are compared, whole, and with every entry.
    pub fn tenant_of(&self, token: &str) -> Option<&Tenant> {
        let presented = digest(token);
        let mut found = None;
        for entry in &self.entries {
            if entry.digest.ct_eq(&presented).into() {
                found = Some(&entry.tenant);
            }
        }
        found
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Entry, String> {
        let (name, token) = text.split_once(':').ok_or("expected name:token")?;
        let tenant = Tenant::parse(name.trim())
            .ok_or("the name before the colon must be 1 to 32 of a to z, 0 to 9 and \"-\"")?;
        let token = token.trim();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the token must be printable ASCII without blanks".to_owned());
        }
        if !(TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&token.len()) {
            return Err(format!(
                "the token has {} characters, expected {TOKEN_CHARS_MIN} to {TOKEN_CHARS_MAX}",
                token.len()
            ));
        }
        Ok(Entry {
            tenant,
            digest: digest(token),
        })
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Names only: a hash of a weak token could be tried out.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.entries.iter().map(|entry| entry.tenant.as_str()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "0123456789abcdef";
    const BOB: &str = "fedcba9876543210:with-colon";

    fn tokens() -> Tokens {
        Tokens::parse(&format!("alice:{ALICE}, bob-2:{BOB} ,")).unwrap()
    }

    #[test]
    fn each_token_opens_its_own_tenant() {
        let tokens = tokens();
        assert_eq!(tokens.tenant_of(ALICE).unwrap().as_str(), "alice");
        assert_eq!(tokens.tenant_of(BOB).unwrap().as_str(), "bob-2");
        for wrong in [
            "",
            "0123456789abcde",
            "0123456789abcdef0",
            "alice",
            "alice:0123456789abcdef",
        ] {
            assert_eq!(tokens.tenant_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_configured_opens_nothing() {
        for text in ["", " ", ",,"] {
            let tokens = Tokens::parse(text).unwrap();
            assert!(tokens.is_empty());
            assert_eq!(tokens.tenant_of(""), None);
        }
    }

    #[test]
    fn an_error_shows_nothing_of_the_entry() {
        let secret = "SECRETSECRETSECRET";
        for text in [
            secret.to_owned(),
            format!("{secret}:x"),
            format!("Alice:{secret}"),
            format!(":{secret}"),
            "alice:SECRET".to_owned(),
            format!("alice:{secret} {secret}"),
            format!("alice:{secret}é"),
            format!("alice:{secret},alice:{secret}2"),
            format!("alice:{secret},bob:{secret}"),
            format!("alice:{}", secret.repeat(100)),
        ] {
            let error = Tokens::parse(&text).unwrap_err();
            assert!(error.starts_with("entry ") && !error.contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn neither_tokens_nor_hashes_are_in_debug_output() {
        assert_eq!(format!("{:?}", tokens()), r#"["alice", "bob-2"]"#);
    }
}
