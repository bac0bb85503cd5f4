//! OpenAI-compatible servers: where they are, and what they want to see of a caller.
//!
//! `PROVIDER_NAME_BASE_URL`, `PROVIDER_NAME_API_KEY` and `PROVIDER_NAME_HEADERS` define the server `name`, whose name
//! has small letters, and `-` for `_`. It may not be that of a built-in provider. No error shows a key or a header.

use super::Secret;
use super::reader::Reader;
use crate::api::authority::BaseUrl;
use crate::model::Provider;

const SERVERS_MAX: usize = 32;
const HEADERS_MAX: usize = 16;
const HEADER_NAME_BYTES_MAX: usize = 64;
const SECRET_BYTES_MAX: usize = 1_000;
const PREFIX: &str = "PROVIDER_";
const SUFFIXES: [&str; 3] = ["_BASE_URL", "_API_KEY", "_HEADERS"];
/// Headers that are the call's own.
const OWN_HEADERS: [&str; 7] = [
    "accept",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    pub provider: Provider,
    pub base_url: BaseUrl,
    /// Present where an `openai` model is configured and the base URL is OpenAI's own; other servers may do without.
    pub api_key: Option<Secret>,
    /// Names in lower case.
    pub headers: Vec<(String, Secret)>,
}

impl Server {
    pub(super) fn lacks_its_key(&self) -> bool {
        self.base_url.is_openai() && self.api_key.is_none()
    }
}

/// `openai`, and the servers that the variables of these names define.
pub(super) fn read_servers(reader: &mut Reader, names: &[String], openai: Server) -> Vec<Server> {
    let mut defined: Vec<&str> = Vec::new();
    for variable in names {
        if let Some(name) = server_of(variable)
            && reader.text(variable).is_some()
            && !defined.contains(&name)
        {
            defined.push(name);
        }
    }
    let mut servers = vec![openai];
    for name in defined {
        let variable = |suffix: &str| format!("{PREFIX}{name}{suffix}");
        let [base, key, headers] = SUFFIXES.map(variable);
        let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let lower = name.to_ascii_lowercase().replace('_', "-");
        let provider = match Provider::parse(&lower).filter(|_| name.bytes().all(is_plain)) {
            Some(provider @ Provider::Named(_)) => provider,
            Some(_) => {
                reader.problem(&base, format!("{lower} is a built-in provider: choose another name"));
                continue;
            }
            None => {
                reader.problem(
                    &base,
                    "expected a name of at most 32 characters of A-Z, 0-9 and _ after PROVIDER_",
                );
                continue;
            }
        };
        if reader.text(&base).is_none() {
            // Defined all the same, so that nothing is said of those who name it.
            reader.problem(&base, format!("missing: the URL of the server {lower}"));
        }
        if servers.len() > SERVERS_MAX {
            reader.problem(&base, format!("expected at most {SERVERS_MAX} servers"));
            break;
        }
        let api_key = api_key(reader, &key);
        let has_key = api_key.is_some();
        servers.push(Server {
            provider,
            base_url: base_url(reader, &base, BaseUrl::openai()),
            api_key,
            headers: reader.secret(&headers, Vec::new(), |text| parse_headers(text, has_key)),
        });
    }
    servers
}

/// NAME of `PROVIDER_NAME_BASE_URL` and its kin.
fn server_of(variable: &str) -> Option<&str> {
    let rest = variable.strip_prefix(PREFIX)?;
    SUFFIXES.iter().find_map(|suffix| rest.strip_suffix(suffix))
}

pub(super) fn base_url(reader: &mut Reader, name: &str, default: BaseUrl) -> BaseUrl {
    let example = default.as_str().to_owned();
    reader.value(name, default, |text| {
        BaseUrl::parse(text).ok_or_else(|| format!("expected a URL such as {example}, without user, query or fragment"))
    })
}

pub(super) fn api_key(reader: &mut Reader, name: &str) -> Option<Secret> {
    reader.secret(name, None, |text| {
        let well_formed = text.len() <= SECRET_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        let secret = well_formed.then(|| Some(Secret(text.to_owned())));
        secret.ok_or_else(|| "expected at most 1000 characters of printable ASCII without blanks".to_owned())
    })
}

/// `Name: value`, one a line.
fn parse_headers(text: &str, has_key: bool) -> Result<Vec<(String, Secret)>, String> {
    let expected = "expected `Name: value`, one a line";
    let mut headers: Vec<(String, Secret)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or(expected)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if !(1..=HEADER_NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(format!("{expected}; a name has letters, digits, -, _ and ."));
        }
        let is_printable = |byte: u8| (b' '..=b'~').contains(&byte);
        if value.is_empty() || value.len() > SECRET_BYTES_MAX || !value.bytes().all(is_printable) {
            return Err(format!(
                "{expected}; a value has at most 1000 characters of printable ASCII"
            ));
        }
        let is_own = OWN_HEADERS.contains(&name.as_str()) || (has_key && name == "authorization");
        if is_own || headers.iter().any(|(known, _)| *known == name) || headers.len() == HEADERS_MAX {
            return Err(format!(
                "expected at most {HEADERS_MAX} headers, each once, and none that a call has by itself"
            ));
        }
        headers.push((name, Secret(value.to_owned())));
    }
    Ok(headers)
}
