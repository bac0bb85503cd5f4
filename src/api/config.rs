//! The configuration: read once from the environment's variables and secrets, every value validated.
//!
//! A wrong value is an error that names the variable, shows the value (never a secret's) and says what is allowed. All
//! wrong values are reported together. A variable that is empty or blank counts as absent. A missing key or binding is
//! an error too. The demo provider is never used as a fallback.
//!
//! Running workflows do not read this, because everything that they depend on was journaled with them.

mod model_lists;
mod reader;
mod servers;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

use super::access::{Access, AllowedOrigins, Environment};
use super::authority::{BaseUrl, Origin};
use super::host::Host;
use super::submission::options::TOKEN_BUDGET_MAX;
use super::tokens::Tokens;
use crate::engine::words::spec::{JOURNAL_BYTES_MAX, JOURNAL_BYTES_SHOWN_MAX, OnDisconnect, Policy};
use crate::model::names::Known;
use crate::model::{ModelSpec, Provider};
use model_lists::{needed_providers, read_lists, read_provider};
use reader::Reader;
pub use reader::{ConfigError, VariableError};
pub use servers::Server;
use servers::{api_key, base_url, read_servers};

/// What a workflow may cost where nobody said anything.
const TOKEN_BUDGET: u64 = 400_000;
/// Of the first token, of silence and of an attempt.
const OLLAMA_TIMEOUTS_MS: [u64; 3] = [900_000, 300_000, 3_600_000];
const DAY_MS: f64 = 86_400_000.0;
/// From a few long answers to what an isolate's memory can show.
const JOURNAL_BYTES_RANGE: RangeInclusive<u32> = 4 * 1024 * 1024..=JOURNAL_BYTES_SHOWN_MAX as u32;

/// What the runtime offers beside variables.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bindings {
    /// The `AI` binding exists.
    pub ai: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// ENVIRONMENT, API_TOKENS, ALLOWED_ORIGINS.
    pub access: Access,
    /// MODEL_PROVIDER: answers for entries without a prefix, and is what STATUS shows.
    pub provider: Provider,
    /// BIG_MODEL and SMALL_MODEL: in order of preference, never empty. An `ollama` model whose name is empty stands for
    /// the first that the server lists, which the provider asks for.
    pub big_models: Vec<ModelSpec>,
    pub small_models: Vec<ModelSpec>,
    /// The server of OPENAI_BASE_URL, then those of PROVIDER_NAME_BASE_URL.
    pub servers: Vec<Server>,
    /// OLLAMA_BASE_URL, without the `/v1` of its OpenAI-compatible API.
    pub ollama_base_url: BaseUrl,
    /// OLLAMA_CONCURRENCY: the calls of all workflows at a time. One machine is no faster with more.
    pub ollama_concurrency: u32,
    /// AI_GATEWAY_ID
    pub ai_gateway_id: Option<String>,
    /// HEARTBEAT_MS: how far ahead the alarm is armed while calls are in flight.
    pub heartbeat_ms: u64,
    /// WORKFLOW_TOKEN_BUDGET: the `token_budget` of every workflow that names none.
    pub token_budget: Option<u64>,
    /// MAX_CONCURRENT_CALLS: the calls of one workflow at a time, and the upper bound of `options.max_concurrency`.
    pub max_concurrent_calls: u32,
    /// ON_DISCONNECT: what the doors of other protocols ask for as `options.on_disconnect`.
    pub on_disconnect: OnDisconnect,
    /// DEMO_SPEED: a factor on every pause of the demo. 1 is its own pace, 2 half as fast, 0 without any pause.
    pub demo_speed: f64,
    /// RETENTION_DAYS, DISCONNECT_SECONDS, JOURNAL_BYTES_MAX, the time limits of attempts and the token limits of
    /// roles. Journaled with each workflow.
    pub policy: Policy,
}

/// A secret: not in Debug output, and not to be logged.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Config {
    /// `lookup` gives a variable's or a secret's text. `names`: of all variables, because those of servers are made up
    /// by whoever sets them.
    pub fn from_vars(
        lookup: impl Fn(&str) -> Option<String>,
        names: &[String],
        bindings: Bindings,
    ) -> Result<Config, ConfigError> {
        let mut reader = Reader::new(&lookup);
        let access = read_access(&mut reader);
        let openai = Server {
            provider: Provider::Openai,
            base_url: base_url(&mut reader, "OPENAI_BASE_URL", BaseUrl::openai()),
            api_key: api_key(&mut reader, "OPENAI_API_KEY"),
            headers: Vec::new(),
        };
        let is_openai = openai.base_url.is_openai();
        let servers = read_servers(&mut reader, names, openai);
        let named: Vec<Provider> = servers.iter().map(|server| server.provider).collect();
        let provider = read_provider(&mut reader, &named, access.host);
        let known = Known {
            default: provider,
            servers: &named,
            has_colons: match provider {
                // Whose names they are can't be known where the variable that says so is wrong.
                Provider::WorkersAi | Provider::Demo => reader.is_wrong("MODEL_PROVIDER"),
                Provider::Openai => !is_openai || reader.is_wrong("OPENAI_BASE_URL"),
                Provider::Ollama | Provider::Named(_) => true,
            },
        };
        let lists = read_lists(&mut reader, known);
        let mut models = lists.big.iter().chain(&lists.small);
        let uses_ollama = models.any(|model| model.provider == Provider::Ollama);
        let policy = read_policy(&mut reader, uses_ollama);
        let ollama_base_url = base_url(&mut reader, "OLLAMA_BASE_URL", BaseUrl::ollama()).without_v1();
        let config = Config {
            access,
            provider,
            big_models: lists.big,
            small_models: lists.small,
            servers,
            ollama_base_url,
            ollama_concurrency: reader.whole("OLLAMA_CONCURRENCY", 1, 1..=64),
            ai_gateway_id: gateway_id(&mut reader),
            heartbeat_ms: reader.whole("HEARTBEAT_MS", 10_000, 100..=60_000).into(),
            max_concurrent_calls: reader.whole("MAX_CONCURRENT_CALLS", 50, 1..=200),
            token_budget: token_budget(&mut reader),
            on_disconnect: on_disconnect(&mut reader),
            demo_speed: reader.decimal("DEMO_SPEED", 1.0, 0.0..=100.0, "from 0 to 100"),
            policy,
        };
        config.check_providers(&mut reader, bindings);
        reader.finish(config)
    }

    /// The calls of one workflow at a time, where it asks for no fewer.
    pub fn concurrency(&self) -> u32 {
        // Ollama answers on one machine: more calls at a time only wait for each other.
        let first = self.small_models.first();
        let is_local = first.is_some_and(|model| model.provider == Provider::Ollama);
        self.max_concurrent_calls
            .min(if is_local { self.ollama_concurrency } else { u32::MAX })
    }

    /// Who may ask what, also where other variables are wrong: a page must be able to read that they are. Of a wrong
    /// variable of its own the default holds, which opens nothing.
    pub fn access(lookup: impl Fn(&str) -> Option<String>) -> Access {
        read_access(&mut Reader::new(&lookup))
    }

    /// What each provider in use needs, said under the variable that brought it in. Not of a default that stands in for
    /// a wrong value, because nobody chose it.
    fn check_providers(&self, reader: &mut Reader, bindings: Bindings) {
        let needed = needed_providers(self.provider, &self.big_models, &self.small_models);
        for (variable, provider) in needed {
            if variable == "MODEL_PROVIDER" && reader.is_wrong(variable) {
                continue;
            }
            let openai_is_wrong = reader.is_wrong("OPENAI_BASE_URL") || reader.is_wrong("OPENAI_API_KEY");
            match provider {
                Provider::WorkersAi if !bindings.ai => reader.problem(
                    variable,
                    match self.access.host {
                        Host::Serve | Host::Container => {
                            "workers-ai is Cloudflare's own and answers there only: choose openai, ollama or demo"
                        }
                        Host::Cloudflare | Host::Button => {
                            "workers-ai needs the AI binding: give this environment one that is called AI, or choose \
                             another provider"
                        }
                    },
                ),
                Provider::Openai if !openai_is_wrong && self.servers.first().is_some_and(Server::lacks_its_key) => {
                    reader.problem(
                        "OPENAI_API_KEY",
                        format!(
                            "missing: {}, or points OPENAI_BASE_URL at a server that needs none",
                            self.access.host.steps_to_set("OPENAI_API_KEY", self.access.environment)
                        ),
                    )
                }
                _ => {}
            }
        }
    }
}

fn read_access(reader: &mut Reader) -> Access {
    // Absent means production: whoever forgets the variable gets the strictest rules.
    let environment = reader.value("ENVIRONMENT", Environment::Production, |text| {
        [Environment::Development, Environment::Staging, Environment::Production]
            .into_iter()
            .find(|environment| environment.as_str() == text)
            .ok_or_else(|| "expected development, staging or production".to_owned())
    });
    let host = reader.value("HOSTING", Host::default(), |text| {
        let named = Host::ALL.into_iter().find(|(name, _)| *name == text);
        named
            .map(|(_, host)| host)
            .ok_or_else(|| "expected cloudflare, button, serve or container".to_owned())
    });
    let tokens = reader.secret("API_TOKENS", Tokens::default(), Tokens::parse);
    let none = AllowedOrigins::Listed(Vec::new());
    let allowed_origins = reader.value("ALLOWED_ORIGINS", none, |text| {
        if text == "*" {
            return Ok(AllowedOrigins::Any);
        }
        let origins = text
            .split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(Origin::parse);
        let expected =
            "expected * or a list of origins such as https://app.example, http://localhost:3000, without a path";
        origins
            .collect::<Option<Vec<_>>>()
            .map(AllowedOrigins::Listed)
            .ok_or_else(|| expected.to_owned())
    });
    Access {
        environment,
        host,
        tokens,
        allowed_origins,
    }
}

/// A variable that is set holds for every model. Elsewhere Ollama has more time, because it loads a model first and may
/// run it on a slow machine.
fn read_policy(reader: &mut Reader, uses_ollama: bool) -> Policy {
    let defaults = Policy::default();
    let mut tokens = |name, default| reader.whole(name, default, 16..=1_000_000);
    let plan_max_tokens = tokens("PLAN_MAX_TOKENS", defaults.plan_max_tokens);
    let subtask_max_tokens = tokens("SUBTASK_MAX_TOKENS", defaults.subtask_max_tokens);
    let synthesis_max_tokens = tokens("SYNTHESIS_MAX_TOKENS", defaults.synthesis_max_tokens);
    // Fractions serve the tests, which have no patience. The longest is far below what the alarm and timers can take.
    let mut seconds = |name, default_ms, ollama_ms| {
        let value = reader.decimal(name, default_ms as f64 / 1_000.0, 0.01..=86_400.0, "from 0.01 to 86400");
        let set_ms = milliseconds(value, 1_000.0);
        let is_set = reader.text(name).is_some();
        (set_ms, if is_set { set_ms } else { ollama_ms })
    };
    let [first_token_ollama, idle_ollama, attempt_ollama] = OLLAMA_TIMEOUTS_MS;
    let (first_token_timeout_ms, first_token_ollama) = seconds(
        "FIRST_TOKEN_TIMEOUT_SECONDS",
        defaults.first_token_timeout_ms,
        first_token_ollama,
    );
    let (idle_timeout_ms, idle_ollama) = seconds("IDLE_TIMEOUT_SECONDS", defaults.idle_timeout_ms, idle_ollama);
    let (attempt_timeout_ms, attempt_ollama) =
        seconds("ATTEMPT_TIMEOUT_SECONDS", defaults.attempt_timeout_ms, attempt_ollama);
    let (disconnect_ms, _) = seconds("DISCONNECT_SECONDS", defaults.disconnect_ms, 0);
    let retention_days = reader.decimal(
        "RETENTION_DAYS",
        defaults.retention_ms as f64 / DAY_MS,
        0.00001..=365.0,
        "from 0.00001 to 365",
    );
    let journal_bytes_max = reader.whole("JOURNAL_BYTES_MAX", JOURNAL_BYTES_MAX as u32, JOURNAL_BYTES_RANGE);
    Policy {
        journal_bytes_max: journal_bytes_max.into(),
        plan_max_tokens,
        subtask_max_tokens,
        synthesis_max_tokens,
        first_token_timeout_ms,
        idle_timeout_ms,
        attempt_timeout_ms,
        retention_ms: milliseconds(retention_days, DAY_MS),
        disconnect_ms,
        ollama_timeouts_ms: uses_ollama.then_some([first_token_ollama, idle_ollama, attempt_ollama]),
        ..defaults
    }
}

/// The value is positive and bounded by the reader, so that the conversion is exact enough and never saturates.
fn milliseconds(value: f64, unit_ms: f64) -> u64 {
    (value * unit_ms).round() as u64
}

fn on_disconnect(reader: &mut Reader) -> OnDisconnect {
    reader.value("ON_DISCONNECT", OnDisconnect::Pause, |text| {
        let known = OnDisconnect::WORDS.into_iter().find(|(word, _)| *word == text);
        known
            .map(|(_, meaning)| meaning)
            .ok_or_else(|| "expected continue, pause or terminate".to_owned())
    })
}

/// 0 and `none`: no budget.
fn token_budget(reader: &mut Reader) -> Option<u64> {
    reader.value("WORKFLOW_TOKEN_BUDGET", Some(TOKEN_BUDGET), |text| match text {
        "none" => Ok(None),
        text => {
            let number = text.parse().ok().filter(|number| *number <= TOKEN_BUDGET_MAX);
            let expected = || format!("expected a whole number from 0 to {TOKEN_BUDGET_MAX}; 0 or none for no budget");
            number
                .map(|number| Some(number).filter(|number| *number > 0))
                .ok_or_else(expected)
        }
    })
}

fn gateway_id(reader: &mut Reader) -> Option<String> {
    reader.value("AI_GATEWAY_ID", None, |text| {
        let well_formed = text.len() <= 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let id = well_formed.then(|| Some(text.to_owned()));
        id.ok_or_else(|| "expected the id of an AI Gateway: at most 64 letters, digits, \"-\" or \"_\"".to_owned())
    })
}
