//! Which form of an answer a client prefers (`Accept`), and whether it has it already (`If-None-Match`).

use super::headers::{name_and_value, split};

/// The forms that answers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Html,
    Markdown,
    EventStream,
}

impl Form {
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Json => "application/json",
            Form::Html => "text/html; charset=utf-8",
            Form::Markdown => "text/markdown; charset=utf-8",
            Form::EventStream => "text/event-stream",
        }
    }

    fn type_and_subtype(self) -> (&'static str, &'static str) {
        match self {
            Form::Json => ("application", "json"),
            Form::Html => ("text", "html"),
            Form::Markdown => ("text", "markdown"),
            Form::EventStream => ("text", "event-stream"),
        }
    }
}

/// The offer with the highest quality (RFC 9110 section 12.5.1); the earlier one where several are equal. Where none is
/// acceptable, or there is no header, the first: an answer in another form serves better than a 406.
pub fn negotiate(accept: Option<&str>, offers: &[Form], otherwise: Form) -> Form {
    let first = offers.first().copied().unwrap_or(otherwise);
    let Some(accept) = accept else { return first };
    let ranges: Vec<Range> = split(accept, ',').filter_map(Range::parse).collect();
    let mut best = (first, 0);
    for offer in offers {
        let quality = quality_of(*offer, &ranges);
        if quality > best.1 {
            best = (*offer, quality);
        }
    }
    best.0
}

/// True where the client's `If-None-Match` names this entity tag, weakly compared (RFC 9110 section 13.1.2): answer
/// 304.
pub fn none_match_fails(if_none_match: Option<&str>, etag: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let current = opaque(etag);
    if_none_match.is_some_and(|header| split(header, ',').any(|tag| tag == "*" || opaque(tag) == current))
}

/// One media range. Parameters other than `q` are not told apart: our forms have none that matter.
struct Range {
    kind: String,
    subtype: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = split(text, ';');
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(name_and_value)
            .find(|(name, _)| name.eq_ignore_ascii_case("q"))
            .map_or(Some(1000), |(_, value)| thousandths(value.as_deref()?))?;
        Some(Range {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            quality,
        })
    }

    /// 3 for the form itself, 2 for `text/*`, 1 for `*/*`.
    fn specificity(&self, form: Form) -> Option<u8> {
        let (kind, subtype) = form.type_and_subtype();
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", "*") => Some(1),
            (own, "*") if own == kind => Some(2),
            (own, sub) if own == kind && sub == subtype => Some(3),
            _ => None,
        }
    }
}

/// The quality of the most specific range that covers the form.
fn quality_of(form: Form, ranges: &[Range]) -> u16 {
    let mut best = (0, 0);
    for range in ranges {
        if let Some(specificity) = range.specificity(form).filter(|specificity| *specificity > best.0) {
            best = (specificity, range.quality);
        }
    }
    best.1
}

/// `0`, `1`, `0.5`, `0.875`, `1.000`; others are malformed.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{whole}{fraction:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATUS_FORMS: [Form; 2] = [Form::Json, Form::Html];
    const SUBMIT_FORMS: [Form; 3] = [Form::Json, Form::Markdown, Form::EventStream];

    fn status(accept: &str) -> Form {
        negotiate(Some(accept), &STATUS_FORMS, Form::Json)
    }

    #[test]
    fn curl_and_fetch_get_json_and_browsers_html() {
        assert_eq!(negotiate(None, &STATUS_FORMS, Form::Json), Form::Json);
        assert_eq!(status("*/*"), Form::Json);
        assert_eq!(
            status("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"),
            Form::Html
        );
        assert_eq!(status("application/json, text/html;q=0.9"), Form::Json);
    }

    #[test]
    fn the_highest_quality_wins_and_the_most_specific_range_counts() {
        assert_eq!(status("text/html;q=0.5, application/json;q=0.4"), Form::Html);
        assert_eq!(status("*/*, application/json;q=0.1"), Form::Html);
        assert_eq!(status("text/*;q=0.2, */*;q=0.1"), Form::Html);
        assert_eq!(
            status("TEXT/HTML ; level=1 ; Q=0.9, application/json;q=0.8"),
            Form::Html
        );
    }

    #[test]
    fn what_is_not_acceptable_or_not_understood_gets_the_first_form() {
        for accept in [
            "",
            "image/png",
            "application/json;q=0",
            "text/html;q=2",
            "text/html;q=x",
            "html",
            ",,;q=1",
            "text/html;q=0.0001",
        ] {
            assert_eq!(status(accept), Form::Json, "{accept}");
        }
    }

    #[test]
    fn a_submission_may_ask_for_markdown_or_for_events() {
        assert_eq!(
            negotiate(Some("text/markdown"), &SUBMIT_FORMS, Form::Json),
            Form::Markdown
        );
        assert_eq!(
            negotiate(Some("text/event-stream"), &SUBMIT_FORMS, Form::Json),
            Form::EventStream
        );
        assert_eq!(
            negotiate(
                Some("application/json, text/event-stream;q=0.9"),
                &SUBMIT_FORMS,
                Form::Json
            ),
            Form::Json
        );
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        let etag = "W/\"12-full-0.1.0\"";
        for header in [etag, "\"12-full-0.1.0\"", "\"a\", W/\"12-full-0.1.0\"", "*", " * "] {
            assert!(none_match_fails(Some(header), etag), "{header}");
        }
        for header in ["\"12\"", "12-full-0.1.0", "", "W/", "w/\"12-full-0.1.0\"", "\"x,*\""] {
            assert!(!none_match_fails(Some(header), etag), "{header}");
        }
        assert!(!none_match_fails(None, etag));
    }

    proptest! {
        #[test]
        fn no_header_makes_the_parsers_panic(header in any::<String>()) {
            let form = negotiate(Some(&header), &SUBMIT_FORMS, Form::Json);
            prop_assert!(SUBMIT_FORMS.contains(&form));
            let _ = none_match_fails(Some(&header), &header);
        }
    }
}
