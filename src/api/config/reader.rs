//! Reads variables one after the other and gathers their mistakes, so that all are reported at once.

use std::fmt;
use std::ops::RangeInclusive;

use crate::api::problem::{Problem, ProblemType, shown};
use crate::text::decimal;

/// What is wrong with one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableError {
    pub variable: String,
    /// Shortened; None where it is secret or missing.
    pub value: Option<String>,
    /// What is allowed, or what to do.
    pub expected: String,
}

/// Every variable that is wrong, at least one. The text, with the values, is for the log and the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<VariableError>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let value = error
                .value
                .as_ref()
                .map(|value| format!("is {value}, "))
                .unwrap_or_default();
            write!(f, "{separator}{}: {value}{}", error.variable, error.expected)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Anybody may see it, so it has no values: one of them may be a secret that was entered under the wrong name.
impl From<&ConfigError> for Problem {
    fn from(error: &ConfigError) -> Problem {
        let variables: Vec<&str> = error.0.iter().map(|error| error.variable.as_str()).collect();
        let detail: Vec<String> = error
            .0
            .iter()
            .map(|error| format!("{}: {}", error.variable, error.expected))
            .collect();
        Problem::new(ProblemType::InvalidConfiguration, detail.join("; ")).with("variables", variables)
    }
}

pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<VariableError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Reader {
            lookup,
            errors: Vec::new(),
        }
    }

    /// Trimmed: `echo key | wrangler secret put` adds a line feed. None where absent or blank.
    pub(super) fn text(&self, variable: &str) -> Option<String> {
        let text = (self.lookup)(variable)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The default too where the value is wrong, so that reading goes on to the next.
    pub(super) fn value<T>(&mut self, variable: &str, default: T, parse: impl FnOnce(&str) -> Result<T, String>) -> T {
        let Some(text) = self.text(variable) else {
            return default;
        };
        parse(&text).unwrap_or_else(|expected| {
            self.push(VariableError {
                variable: variable.to_owned(),
                value: Some(shown(&text)),
                expected,
            });
            default
        })
    }

    /// The same without the value in the error. `parse` must not put it there either.
    pub(super) fn secret<T>(&mut self, variable: &str, default: T, parse: impl FnOnce(&str) -> Result<T, String>) -> T {
        let Some(text) = self.text(variable) else {
            return default;
        };
        parse(&text).unwrap_or_else(|expected| {
            self.problem(variable, expected);
            default
        })
    }

    pub(super) fn whole(&mut self, variable: &str, default: u32, allowed: RangeInclusive<u32>) -> u32 {
        self.value(variable, default, |text| {
            let number = text.parse().ok().filter(|number| allowed.contains(number));
            number.ok_or_else(|| format!("expected a whole number from {} to {}", allowed.start(), allowed.end()))
        })
    }

    /// `range` is `allowed` in words.
    pub(super) fn decimal(&mut self, variable: &str, default: f64, allowed: RangeInclusive<f64>, range: &str) -> f64 {
        self.value(variable, default, |text| {
            decimal(text)
                .filter(|number| allowed.contains(number))
                .ok_or_else(|| format!("expected a number {range}"))
        })
    }

    pub(super) fn problem(&mut self, variable: &str, expected: impl Into<String>) {
        self.push(VariableError {
            variable: variable.to_owned(),
            value: None,
            expected: expected.into(),
        });
    }

    /// True where a mistake of this variable was found, so that a default stands in for its value.
    pub(super) fn is_wrong(&self, variable: &str) -> bool {
        self.errors.iter().any(|error| error.variable == variable)
    }

    fn push(&mut self, error: VariableError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError(self.errors))
        }
    }
}
