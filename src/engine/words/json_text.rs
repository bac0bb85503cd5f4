//! JSON within a model's reply: as it was written, without what stands around it.

use serde::de::IgnoredAny;

/// The most bytes of JSON that is validated.
pub const JSON_BYTES_MAX: usize = 256 * 1024;

/// The one JSON value of a reply: the whole of it, what a code fence holds, or what stands between words. Its numbers
/// and the order of its keys stay as they were written. The error is in words that a model can act on.
pub fn json_in(reply: &str) -> Result<&str, String> {
    let whole = reply.trim();
    let strict = match serde_json::from_str::<IgnoredAny>(whole) {
        Ok(_) => return bounded(whole),
        Err(error) => crate::json::fault(&error),
    };
    let found = fenced(whole).or_else(|| between(whole));
    match found.filter(|json| serde_json::from_str::<IgnoredAny>(json).is_ok()) {
        Some(json) => bounded(json),
        None => Err(format!("the reply is no JSON: {strict}")),
    }
}

fn bounded(json: &str) -> Result<&str, String> {
    if json.len() <= JSON_BYTES_MAX {
        return Ok(json);
    }
    Err(format!(
        "the JSON has {} bytes, and {JSON_BYTES_MAX} are allowed: be briefer",
        json.len()
    ))
}

/// What the first code fence holds.
fn fenced(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("```")?;
    let (_, rest) = rest.split_once('\n')?;
    let (inside, _) = rest.split_once("```")?;
    Some(inside.trim())
}

/// From the first bracket to the last one of its kind.
fn between(text: &str) -> Option<&str> {
    let from = text.find(['{', '['])?;
    let close = if text.get(from..)?.starts_with('{') { '}' } else { ']' };
    let to = text.rfind(close)?;
    text.get(from..=to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_as_it_was_written() {
        let json = r#"{"b": 1.50, "a": 12345678901234567890}"#;
        for reply in [
            json.to_owned(),
            format!("\n {json} \n"),
            format!("```json\n{json}\n```"),
            format!("Here it is:\n\n```\n{json}\n```\nThat is all."),
            format!("The JSON: {json} Done."),
        ] {
            assert_eq!(json_in(&reply), Ok(json), "{reply}");
        }
        for other in ["[1, 2]", "\"text\"", "12", "null"] {
            assert_eq!(json_in(other), Ok(other));
        }
        assert_eq!(json_in("It is [1, {\"a\": 2}]."), Ok("[1, {\"a\": 2}]"));
    }

    #[test]
    fn what_is_no_json_says_so() {
        for reply in ["", "prose", "{\"a\": 1", "{'a': 1}", "{a} {b}", "```json\nprose\n```"] {
            assert!(
                json_in(reply).unwrap_err().starts_with("the reply is no JSON"),
                "{reply}"
            );
        }
        let long = format!("\"{}\"", "x".repeat(JSON_BYTES_MAX));
        assert!(json_in(&long).unwrap_err().contains("be briefer"));
    }
}
