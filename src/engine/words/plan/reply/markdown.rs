//! A value that should have been a text, as lines of Markdown. Nothing of it is lost.

use serde_json::Value;

use crate::json;

/// Deeper levels are not indented further, so that the text stays in proportion to the value.
const INDENTED_LEVELS_MAX: usize = 8;

/// A text as it is, a list and an object as a list of lines.
pub(super) fn markdown(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        value @ (Value::Array(_) | Value::Object(_)) => {
            let mut lines = String::new();
            push_entries(&mut lines, 0, &value);
            lines.trim_end().to_owned()
        }
        plain => json::text(&plain),
    }
}

/// The same on one line.
pub(super) fn line(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", line(value)));
            members.collect::<Vec<_>>().join("; ")
        }
        Value::String(text) => text.clone(),
        plain => json::text(plain),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push_entries(lines: &mut String, level: usize, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| push(lines, level, "", item)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| push(lines, level, &format!("{name}: "), value)),
        _ => {}
    }
}

fn push(lines: &mut String, level: usize, head: &str, value: &Value) {
    let indent = "  ".repeat(level.min(INDENTED_LEVELS_MAX));
    match value {
        // An object of plain values is one entry.
        Value::Object(members) if head.is_empty() && members.values().all(is_short) => {
            lines.push_str(&format!("{indent}- {}\n", line(value)));
        }
        Value::Array(_) | Value::Object(_) => {
            lines.push_str(&format!("{indent}- {}\n", head.trim_end()));
            push_entries(lines, level + 1, value);
        }
        Value::String(text) => {
            let text = text.trim().replace('\n', &format!("\n{indent}  "));
            lines.push_str(&format!("{indent}- {head}{text}\n"));
        }
        plain => lines.push_str(&format!("{indent}- {head}{}\n", json::text(plain))),
    }
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => false,
        Value::String(text) => !text.contains('\n'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_and_objects_become_lines() {
        assert_eq!(
            markdown(json!("Port 8080.\n\n```\n x\n```")),
            "Port 8080.\n\n```\n x\n```"
        );
        assert_eq!(
            markdown(json!(["Port 8080.", "Two\nlines.", 7])),
            "- Port 8080.\n- Two\n  lines.\n- 7"
        );
        let shared = json!({
            "names": ["Cart", "Order"],
            "rate": 0.19,
            "tables": [{"columns": "id, total", "name": "orders"}],
            "units": {"money": "EUR", "none": null}
        });
        assert_eq!(
            markdown(shared),
            "- names:\n  - Cart\n  - Order\n- rate: 0.19\n- tables:\n  - columns: id, total; name: orders\n- units:\n  \
             - money: EUR\n  - none: null"
        );
    }

    #[test]
    fn a_deep_value_stays_in_proportion() {
        let mut value = json!("x");
        for _ in 0..120 {
            value = json!([[value], "y"]);
        }
        let length = value.to_string().len();
        assert!(markdown(value).len() < length * 10);
    }
}
