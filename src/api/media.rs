//! What a body is, by its Content-Type, and how it comes, by its Content-Encoding.

use super::headers::{name_and_value, split};
use super::problem::{Problem, ProblemType, shown};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    Json,
    /// Without a type, or with the form type that plain `curl -d` sends: JSON if it looks like it.
    Unlabelled,
    /// `text/plain`: the prompt itself. It is also what `fetch` sends by itself for a JSON string, see
    /// [`super::submission`].
    Plain,
    /// `text/markdown`: the prompt itself, whatever it looks like.
    Markdown,
}

impl BodyKind {
    pub(super) fn of(content_type: Option<&str>) -> Result<BodyKind, Problem> {
        let Some(content_type) = content_type.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(BodyKind::Unlabelled);
        };
        let mut parts = split(content_type, ';');
        let kind = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/json" => BodyKind::Json,
            "application/x-www-form-urlencoded" => BodyKind::Unlabelled,
            "text/plain" => BodyKind::Plain,
            "text/markdown" => BodyKind::Markdown,
            _ => return Err(unsupported(&format!("the media type {}", shown(content_type)))),
        };
        let charset = parts
            .filter_map(name_and_value)
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .and_then(|(_, value)| value);
        match charset {
            Some(charset) if !["utf-8", "utf8", "us-ascii"].contains(&charset.to_ascii_lowercase().as_str()) => {
                Err(unsupported(&format!("the charset {}", shown(&charset))))
            }
            _ => Ok(kind),
        }
    }
}

/// Bodies are read as they are. `identity` says the same as no header (RFC 9110 section 8.4.1).
pub fn check_encoding(content_encoding: Option<&str>) -> Result<(), Problem> {
    let header = content_encoding.unwrap_or_default();
    let codings = header.split(',').map(str::trim).filter(|coding| !coding.is_empty());
    if codings
        .into_iter()
        .all(|coding| coding.eq_ignore_ascii_case("identity"))
    {
        return Ok(());
    }
    let detail = format!(
        "the header Content-Encoding is {}, and no content coding is read: send the body uncompressed, without the \
         header",
        shown(header)
    );
    // Section 15.5.16 of the RFC asks for this header where the coding is the cause.
    Err(Problem::new(ProblemType::UnsupportedMediaType, detail).with_header("accept-encoding", "identity"))
}

pub(super) fn unsupported(what: &str) -> Problem {
    let detail = format!(
        "{what} is not supported: send Content-Type: application/json with {{\"prompt\": \"...\"}}, or text/plain or \
         text/markdown with the prompt itself, in UTF-8"
    );
    Problem::new(ProblemType::UnsupportedMediaType, detail)
        .with_header("accept-post", "application/json, text/plain, text/markdown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_types_are_recognised_in_any_case_and_with_parameters() {
        for (content_type, kind) in [
            ("application/json", BodyKind::Json),
            ("Application/JSON; charset=UTF-8", BodyKind::Json),
            ("application/json;charset=\"utf-8\"", BodyKind::Json),
            ("application/x-www-form-urlencoded", BodyKind::Unlabelled),
            ("", BodyKind::Unlabelled),
            ("text/plain;charset=UTF-8", BodyKind::Plain),
            ("text/markdown; variant=GFM; charset=utf8", BodyKind::Markdown),
        ] {
            assert_eq!(BodyKind::of(Some(content_type)), Ok(kind), "{content_type}");
        }
        assert_eq!(BodyKind::of(None), Ok(BodyKind::Unlabelled));
    }

    #[test]
    fn others_are_refused_with_what_is_supported() {
        for content_type in [
            "application/xml",
            "text/html",
            "multipart/form-data; boundary=x",
            "json",
            "application/jsonx",
            "text/plain; charset=iso-8859-1",
            ";",
        ] {
            let problem = BodyKind::of(Some(content_type)).unwrap_err();
            assert_eq!(problem.status(), 415, "{content_type}");
            assert!(problem.detail().contains("application/json"));
        }
    }

    #[test]
    fn a_compressed_body_is_refused_and_told_how_to_come() {
        for coding in [
            "gzip",
            "GZIP",
            "br",
            "deflate",
            "x-gzip",
            "zstd",
            "identity, gzip",
            "nonsense",
            "\"",
            "gzip;q=1",
        ] {
            let problem = check_encoding(Some(coding)).unwrap_err();
            assert_eq!(problem.status(), 415, "{coding}");
            assert!(
                problem.detail().starts_with("the header Content-Encoding is"),
                "{coding}"
            );
            assert!(
                problem
                    .headers()
                    .any(|header| header == ("accept-encoding", "identity")),
                "{coding}"
            );
        }
        for coding in [
            None,
            Some(""),
            Some(" "),
            Some("identity"),
            Some("Identity"),
            Some("identity, identity"),
        ] {
            assert_eq!(check_encoding(coding), Ok(()), "{coding:?}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn any_content_type_has_an_answer(header in proptest::prelude::any::<String>(), parameters in ".{0,30}") {
            let _ = (BodyKind::of(Some(&header)), BodyKind::of(Some(&format!("text/plain;{parameters}"))));
        }
    }
}
