//! JSON within a model's reply: as it was written, without what stands around it.

use crate::json::strict::StrictValue;

/// The most bytes of JSON that is validated.
pub const JSON_BYTES_MAX: usize = 256 * 1024;

/// The one JSON value of a reply: the whole of it, what a code fence holds, or what stands between words. Its numbers
/// and the order of its keys stay as they were written. All readers understand it alike: no key stands twice, no number
/// is beyond what they hold, no half of a character stands alone, and its depth is bounded. The error is in words that
/// a model can act on.
pub fn json_in(reply: &str) -> Result<&str, String> {
    let whole = reply.trim();
    let Err(strict) = serde_json::from_str::<StrictValue>(whole) else {
        return bounded(whole);
    };
    let Some(json) = fenced(whole).or_else(|| between(whole)) else {
        return Err(format!("the reply is no JSON: {strict}"));
    };
    match serde_json::from_str::<StrictValue>(json) {
        Ok(_) => bounded(json),
        Err(error) => Err(format!("the reply is no JSON: {error}")),
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
        let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (reply, why) in [
            (r#"{"a": 1, "a": 2}"#, "stands twice"),
            (r#"[{"a": {"b": 1, "c": [], "b": 2}}]"#, "stands twice"),
            (r#"["\ud800"]"#, "hex escape"),
            ("[1e400]", "out of range"),
            (nested.as_str(), "recursion limit"),
        ] {
            let fault = json_in(reply).unwrap_err();
            assert!(fault.contains(why), "{reply}: {fault}");
        }
        let long = format!("\"{}\"", "x".repeat(JSON_BYTES_MAX));
        assert!(json_in(&long).unwrap_err().contains("be briefer"));
    }
}
