//! Defaults, every variable's bounds, the needs of each provider, and what errors say and do not say.

use super::*;
use crate::api::problem::Problem;

fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    read_with(vars, Bindings { ai: true })
}

fn read_with(vars: &[(&str, &str)], bindings: Bindings) -> Result<Config, ConfigError> {
    let lookup = |name: &str| {
        vars.iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let names: Vec<String> = vars.iter().map(|(name, _)| (*name).to_owned()).collect();
    Config::from_vars(lookup, &names, bindings)
}

/// The error of these variables on top of the demo provider.
fn error(variable: &str, value: &str) -> String {
    match read(&[("MODEL_PROVIDER", "demo"), (variable, value)]) {
        Ok(_) => panic!("{variable}={value} was accepted"),
        Err(error) => error.to_string(),
    }
}

fn names(models: &[ModelSpec]) -> Vec<String> {
    models
        .iter()
        .map(|model| format!("{}:{}", model.provider.as_str(), model.name))
        .collect()
}

#[test]
fn without_variables_it_is_production_on_workers_ai_and_closed() {
    let config = read(&[]).unwrap();
    assert_eq!(config.access.environment, Environment::Production);
    assert!(config.access.tokens.is_empty());
    assert_eq!(config.access.allowed_origins, AllowedOrigins::Listed(Vec::new()));
    assert_eq!(
        names(&config.big_models),
        [
            "workers-ai:@cf/nvidia/nemotron-3-120b-a12b",
            "workers-ai:@cf/meta/llama-3.3-70b-instruct-fp8-fast"
        ]
    );
    assert_eq!(
        names(&config.small_models),
        [
            "workers-ai:@cf/google/gemma-4-26b-a4b-it",
            "workers-ai:@cf/zai-org/glm-4.7-flash"
        ]
    );
    assert_eq!(
        (config.heartbeat_ms, config.max_concurrent_calls, config.demo_speed),
        (10_000, 50, 1.0)
    );
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.token_budget, Some(400_000));
    assert_eq!(config.servers[0].base_url.as_str(), "https://api.openai.com/v1");
    assert_eq!(config.ollama_base_url.as_str(), "http://127.0.0.1:11434");
}

#[test]
fn every_variable_is_read() {
    let config = read(&[
        ("ENVIRONMENT", "staging"),
        ("MODEL_PROVIDER", "openai"),
        ("BIG_MODEL", "gpt-5, workers-ai:@cf/a/b , demo:demo-big"),
        ("SMALL_MODEL", "ollama:llama3.2:3b,gpt-5-mini,gpt-5-mini"),
        ("BIG_MODEL_CONTEXT_TOKENS", "50000"),
        ("OPENAI_BASE_URL", "http://localhost:8080/v1/"),
        ("OPENAI_API_KEY", "sk-test\n"),
        ("OLLAMA_BASE_URL", "http://10.0.0.2:11434/v1"),
        ("OLLAMA_CONCURRENCY", "4"),
        ("PROVIDER_MY_OWN_BASE_URL", "https://own.example/v1/"),
        ("PROVIDER_MY_OWN_API_KEY", "key-of-mine"),
        (
            "PROVIDER_MY_OWN_HEADERS",
            "X-Title: A: b\n\nHTTP-Referer:https://a.example\n",
        ),
        ("AI_GATEWAY_ID", "my-gateway"),
        ("API_TOKENS", "alice:0123456789abcdef"),
        ("ALLOWED_ORIGINS", "https://app.example, http://localhost:3000"),
        ("HEARTBEAT_MS", "500"),
        ("MAX_CONCURRENT_CALLS", "6"),
        ("RETENTION_DAYS", "0.5"),
        ("FIRST_TOKEN_TIMEOUT_SECONDS", "0.25"),
        ("IDLE_TIMEOUT_SECONDS", "30"),
        ("ATTEMPT_TIMEOUT_SECONDS", "300"),
        ("PLAN_MAX_TOKENS", "1000"),
        ("SUBTASK_MAX_TOKENS", "2000"),
        ("SYNTHESIS_MAX_TOKENS", "3000"),
        ("DEMO_SPEED", "2.5"),
        ("WORKFLOW_TOKEN_BUDGET", "90000"),
    ])
    .unwrap();
    assert_eq!(
        names(&config.big_models),
        ["openai:gpt-5", "workers-ai:@cf/a/b", "demo:demo-big"]
    );
    assert_eq!(names(&config.small_models), ["ollama:llama3.2:3b", "openai:gpt-5-mini"]);
    assert!(config.big_models.iter().all(|model| model.context_tokens == 50_000));
    assert_eq!(config.small_models[0].context_tokens, 131_072);
    let [openai, mine] = config.servers.as_slice() else {
        panic!("two servers")
    };
    assert_eq!(openai.base_url.as_str(), "http://localhost:8080/v1");
    assert_eq!(openai.api_key.as_ref().unwrap().expose(), "sk-test");
    assert_eq!(
        (mine.provider.as_str(), mine.base_url.as_str()),
        ("my-own", "https://own.example/v1")
    );
    assert_eq!(mine.api_key.as_ref().unwrap().expose(), "key-of-mine");
    let headers: Vec<_> = mine
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    assert_eq!(headers, [("x-title", "A: b"), ("http-referer", "https://a.example")]);
    assert_eq!(config.ollama_base_url.as_str(), "http://10.0.0.2:11434");
    assert_eq!(
        (
            config.ollama_concurrency,
            config.heartbeat_ms,
            config.max_concurrent_calls
        ),
        (4, 500, 6)
    );
    assert_eq!(config.ai_gateway_id.as_deref(), Some("my-gateway"));
    assert!(config.access.allows_origin("https://app.example"));
    assert_eq!(config.policy.retention_ms, 43_200_000);
    assert_eq!(
        (
            config.policy.first_token_timeout_ms,
            config.policy.idle_timeout_ms,
            config.policy.attempt_timeout_ms
        ),
        (250, 30_000, 300_000)
    );
    assert_eq!(config.policy.ollama_timeouts_ms, Some([250, 30_000, 300_000]));
    assert_eq!(
        (
            config.policy.plan_max_tokens,
            config.policy.subtask_max_tokens,
            config.policy.synthesis_max_tokens
        ),
        (1_000, 2_000, 3_000)
    );
    assert_eq!(config.demo_speed, 2.5);
    assert_eq!(config.token_budget, Some(90_000));
}

#[test]
fn a_workflow_has_a_budget_unless_the_deployment_wants_none() {
    let budget = |value: &str| {
        read(&[("MODEL_PROVIDER", "demo"), ("WORKFLOW_TOKEN_BUDGET", value)])
            .unwrap()
            .token_budget
    };
    for (value, expected) in [
        ("1", Some(1)),
        ("1000000000", Some(1_000_000_000)),
        (" ", Some(400_000)),
        ("0", None),
        ("none", None),
    ] {
        assert_eq!(budget(value), expected, "{value}");
    }
    for value in ["-1", "1.5", "1000000001", "None", "400k", "unlimited"] {
        let allowed = "a whole number from 0 to 1000000000; 0 or none for no budget";
        let expected = format!("WORKFLOW_TOKEN_BUDGET: is \"{value}\", expected {allowed}");
        assert_eq!(error("WORKFLOW_TOKEN_BUDGET", value), expected);
    }
}

#[test]
fn an_error_names_the_variable_the_value_and_what_is_allowed() {
    assert_eq!(
        error("HEARTBEAT_MS", "soon"),
        r#"HEARTBEAT_MS: is "soon", expected a whole number from 100 to 60000"#
    );
    assert_eq!(
        error("DEMO_SPEED", "1e3"),
        r#"DEMO_SPEED: is "1e3", expected a number from 0 to 100"#
    );
    let message = read(&[("MODEL_PROVIDER", "OpenAI")]).unwrap_err().to_string();
    assert_eq!(
        message,
        r#"MODEL_PROVIDER: is "OpenAI", expected workers-ai, openai, ollama or demo: write openai"#
    );
}

#[test]
fn values_out_of_bounds_are_refused() {
    for (variable, value) in [
        ("ENVIRONMENT", "prod"),
        ("HEARTBEAT_MS", "99"),
        ("HEARTBEAT_MS", "60001"),
        ("HEARTBEAT_MS", "-1"),
        ("MAX_CONCURRENT_CALLS", "0"),
        ("MAX_CONCURRENT_CALLS", "201"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "366"),
        ("RETENTION_DAYS", "inf"),
        ("FIRST_TOKEN_TIMEOUT_SECONDS", "0"),
        ("IDLE_TIMEOUT_SECONDS", "NaN"),
        ("ATTEMPT_TIMEOUT_SECONDS", "."),
        ("PLAN_MAX_TOKENS", "15"),
        ("SUBTASK_MAX_TOKENS", "4096.0"),
        ("SYNTHESIS_MAX_TOKENS", "9999999999"),
        ("DEMO_SPEED", "-1"),
        ("DEMO_SPEED", "101"),
        ("OLLAMA_CONCURRENCY", "0"),
        ("BIG_MODEL_CONTEXT_TOKENS", "0"),
        ("SMALL_MODEL_CONTEXT_TOKENS", "many"),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("OLLAMA_BASE_URL", "ftp://localhost"),
        ("AI_GATEWAY_ID", "a/b"),
        ("ALLOWED_ORIGINS", "https://app.example/"),
        ("ALLOWED_ORIGINS", "*, https://app.example"),
        ("ALLOWED_ORIGINS", "null"),
        ("BIG_MODEL", ","),
        ("SMALL_MODEL", "two words"),
    ] {
        let message = error(variable, value);
        assert!(message.starts_with(&format!("{variable}: is {value:?}, ")), "{message}");
    }
}

#[test]
fn all_wrong_variables_are_reported_together() {
    let error = read(&[("HEARTBEAT_MS", "x"), ("DEMO_SPEED", "y"), ("MODEL_PROVIDER", "demo")]).unwrap_err();
    let variables: Vec<_> = error.0.iter().map(|error| error.variable.as_str()).collect();
    assert_eq!(variables, ["HEARTBEAT_MS", "DEMO_SPEED"]);
}

#[test]
fn what_everybody_may_see_of_an_error_has_no_values() {
    let error = read(&[
        ("OPENAI_BASE_URL", "sk-SECRET"),
        ("HEARTBEAT_MS", "x"),
        ("MODEL_PROVIDER", "demo"),
    ])
    .unwrap_err();
    assert!(error.to_string().contains("sk-SECRET"));
    let problem = crate::api::problem::Problem::from(&error);
    assert_eq!(problem.status(), 503);
    assert!(
        problem.detail().contains("HEARTBEAT_MS: expected a whole number") && !problem.to_json().contains("SECRET")
    );
}

#[test]
fn an_empty_variable_is_an_absent_one() {
    assert_eq!(
        read(&[("HEARTBEAT_MS", ""), ("API_TOKENS", " "), ("BIG_MODEL", "\n")]),
        read(&[])
    );
}

#[test]
fn workers_ai_needs_its_binding_wherever_it_is_named() {
    let message = read_with(&[], Bindings { ai: false }).unwrap_err().to_string();
    assert!(
        message.starts_with("MODEL_PROVIDER: workers-ai needs the AI binding"),
        "{message}"
    );
    let vars = [
        ("MODEL_PROVIDER", "demo"),
        ("SMALL_MODEL", "workers-ai:@cf/a/b,demo-small"),
    ];
    let message = read_with(&vars, Bindings { ai: false }).unwrap_err().to_string();
    assert!(
        message.starts_with("SMALL_MODEL: workers-ai needs the AI binding"),
        "{message}"
    );
    assert!(read_with(&[("MODEL_PROVIDER", "demo")], Bindings { ai: false }).is_ok());
}

#[test]
fn openai_needs_model_names_and_its_own_service_a_key() {
    let message = read(&[("MODEL_PROVIDER", "openai")]).unwrap_err().to_string();
    assert!(
        message.contains("BIG_MODEL: missing") && message.contains("SMALL_MODEL: missing"),
        "{message}"
    );
    let named = [("MODEL_PROVIDER", "openai"), ("BIG_MODEL", "a"), ("SMALL_MODEL", "b")];
    let message = read(&named).unwrap_err().to_string();
    assert!(message.starts_with("OPENAI_API_KEY: missing"), "{message}");
    assert!(read(&[named.as_slice(), &[("OPENAI_API_KEY", "sk-x")]].concat()).is_ok());
    assert!(read(&[named.as_slice(), &[("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")]].concat()).is_ok());
}

#[test]
fn ollama_without_names_takes_the_servers_first_model() {
    let config = read_with(&[("MODEL_PROVIDER", "ollama")], Bindings::default()).unwrap();
    assert_eq!(names(&config.big_models), ["ollama:"]);
    assert_eq!(names(&config.small_models), ["ollama:"]);
    assert_eq!(config.big_models[0].context_tokens, 131_072);
}

#[test]
fn ollama_has_more_time_unless_a_variable_says_otherwise() {
    let timeouts = |vars: &[(&str, &str)]| read(vars).unwrap().policy.ollama_timeouts_ms;
    let fallback = [("SMALL_MODEL", "@cf/a/b,ollama:c")];
    assert_eq!(timeouts(&fallback), Some([900_000, 300_000, 3_600_000]));
    let set = [fallback.as_slice(), &[("IDLE_TIMEOUT_SECONDS", "60")]].concat();
    assert_eq!(timeouts(&set), Some([900_000, 60_000, 3_600_000]));
    assert_eq!(timeouts(&[]), None);
}

const GROQ: (&str, &str) = ("PROVIDER_GROQ_BASE_URL", "https://api.groq.com/openai/v1");

#[test]
fn a_server_is_a_provider_and_a_prefix() {
    let own = [
        GROQ,
        ("MODEL_PROVIDER", "groq"),
        ("BIG_MODEL", "a:1,openai:c"),
        ("SMALL_MODEL", "groq:b"),
    ];
    let config = read(&[own.as_slice(), &[("OPENAI_API_KEY", "sk-x")]].concat()).unwrap();
    assert_eq!(config.provider.as_str(), "groq");
    assert_eq!(names(&config.big_models), ["groq:a:1", "openai:c"]);
    assert_eq!(names(&config.small_models), ["groq:b"]);
    let prefixed = [GROQ, ("MODEL_PROVIDER", "ollama"), ("BIG_MODEL", "groq:a,qwen3:8b")];
    assert_eq!(
        names(&read(&prefixed).unwrap().big_models),
        ["groq:a", "ollama:qwen3:8b"]
    );
    let message = read(&[GROQ, ("MODEL_PROVIDER", "groq"), ("BIG_MODEL", "a")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "SMALL_MODEL: missing: name a model of the server, groq has no default"
    );
}

#[test]
fn what_nothing_defines_is_named_with_the_variable_that_would() {
    assert_eq!(
        error("BIG_MODEL", "groq:a"),
        "BIG_MODEL: is \"groq:a\", nothing defines the provider \"groq\": set PROVIDER_GROQ_BASE_URL, or correct the \
         prefix"
    );
    let openai = [
        ("MODEL_PROVIDER", "openai"),
        ("OPENAI_API_KEY", "sk-x"),
        ("BIG_MODEL", "ft:gpt-4o:o::i"),
    ];
    let message = read(&[openai.as_slice(), &[("SMALL_MODEL", "my-own:b")]].concat())
        .unwrap_err()
        .to_string();
    assert!(message.contains("set PROVIDER_MY_OWN_BASE_URL"), "{message}");
    let message = read(&[("MODEL_PROVIDER", "groq")]).unwrap_err().to_string();
    assert!(message.starts_with(
        "MODEL_PROVIDER: is \"groq\", expected workers-ai, openai, ollama or demo, or the name of a server, \
         which PROVIDER_GROQ_BASE_URL would define"
    ));
}

#[test]
fn each_mistake_is_told_once_and_no_default_that_stands_in_for_it() {
    const MY_BOX: (&str, &str) = ("PROVIDER_MY_BOX_BASE_URL", "http://127.0.0.1:1/v1");
    const SERVE: (&str, &str) = ("HOSTING", "serve");
    let complaints = |vars: &[(&str, &str)]| read_with(vars, Bindings::default()).unwrap_err().to_string();
    for (value, then) in [
        ("no such", ""),
        (
            "nosuch",
            ", or the name of a server, which PROVIDER_NOSUCH_BASE_URL would define",
        ),
        (
            "no_such",
            ", or the name of a server, which PROVIDER_NO_SUCH_BASE_URL would define as no-such",
        ),
        ("my_box", ": write my-box"),
        ("Ollama", ": write ollama"),
    ] {
        for models in [&[][..], &[("BIG_MODEL", "qwen3:8b"), ("SMALL_MODEL", "my-box:a")]] {
            let vars = [&[MY_BOX, SERVE, ("MODEL_PROVIDER", value)], models].concat();
            assert_eq!(
                complaints(&vars),
                format!("MODEL_PROVIDER: is {value:?}, expected openai, ollama or demo{then}")
            );
        }
    }
    let models = [("BIG_MODEL", "a:1"), ("SMALL_MODEL", "b")];
    for wrong in [
        ("OPENAI_BASE_URL", "x"),
        ("OPENAI_API_KEY", "two words"),
        ("PROVIDER_A_API_KEY", "k"),
    ] {
        let is_of_a = wrong.0 == "PROVIDER_A_API_KEY";
        let provider = ("MODEL_PROVIDER", if is_of_a { "a" } else { "openai" });
        let models = if wrong.0 == "OPENAI_API_KEY" {
            [("BIG_MODEL", "b"), ("SMALL_MODEL", "b")]
        } else {
            models
        };
        let said = complaints(&[&[SERVE, provider, wrong], &models[..]].concat());
        assert_eq!(said.split("; ").count(), 1, "{wrong:?}: {said}");
    }
    assert!(complaints(&[SERVE]).contains("workers-ai is Cloudflare's own"));
}

#[test]
fn a_wrong_server_is_an_error_that_says_why() {
    for name in ["OPENAI", "OLLAMA", "WORKERS_AI", "DEMO"] {
        let variable = format!("PROVIDER_{name}_BASE_URL");
        let message = error(&variable, "http://127.0.0.1:1");
        assert!(
            message.contains("is a built-in provider: choose another name"),
            "{message}"
        );
    }
    assert_eq!(
        error("PROVIDER_GROQ_API_KEY", "key-SECRET"),
        "PROVIDER_GROQ_BASE_URL: missing: the URL of the server groq"
    );
    for name in ["groq", "GRÖQ", "A-B", &"A".repeat(33), ""] {
        let message = error(&format!("PROVIDER_{name}_BASE_URL"), "http://127.0.0.1:1");
        assert!(message.contains("of A-Z, 0-9 and _"), "{message}");
    }
    assert!(
        error("PROVIDER_GROQ_BASE_URL", "groq.com")
            .starts_with("PROVIDER_GROQ_BASE_URL: is \"groq.com\", expected a URL")
    );
    let many: Vec<String> = (0..33).map(|number| format!("PROVIDER_S{number}_BASE_URL")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "http://127.0.0.1:1")).collect();
    assert!(read(&many).unwrap_err().to_string().contains("at most 32 servers"));
    assert!(read(&many[..32]).is_ok());
}

#[test]
fn headers_are_lines() {
    let with = |headers: &str, key: &str| {
        let vars = [
            GROQ,
            ("PROVIDER_GROQ_HEADERS", headers),
            ("PROVIDER_GROQ_API_KEY", key),
            ("MODEL_PROVIDER", "demo"),
        ];
        let config = read(&vars).map_err(|error| error.to_string())?;
        let exposed = |(name, value): &(String, Secret)| format!("{name}={}", value.expose());
        Ok::<_, String>(config.servers[1].headers.iter().map(exposed).collect::<Vec<_>>())
    };
    assert_eq!(
        with("api-key: a b\r\n X : 1", ""),
        Ok(vec!["api-key=a b".into(), "x=1".into()])
    );
    assert_eq!(
        with("Authorization: Basic abc", ""),
        Ok(vec!["authorization=Basic abc".into()])
    );
    for (headers, key) in [
        ("Authorization: Basic SECRET", "key-0123"),
        ("no colon SECRET", ""),
        ("A B: SECRET", ""),
        ("A: SECRET\nContent-Type: x", ""),
        ("A: SECRET\na: 2", ""),
        ("A: SECRETé", ""),
        ("A:", ""),
        ("{\"a\": \"SECRET\"}", ""),
    ] {
        let message = with(headers, key).unwrap_err();
        assert!(
            message.starts_with("PROVIDER_GROQ_HEADERS: expected") && !message.contains("SECRET"),
            "{message}"
        );
    }
}

#[test]
fn no_secret_is_in_debug_output_or_an_error() {
    let config = read(&[
        ("OPENAI_API_KEY", "sk-SECRET"),
        ("API_TOKENS", "alice:SECRETSECRETSECRET"),
    ])
    .unwrap();
    assert!(!format!("{config:?}").contains("SECRET"));
    for (variable, value) in [
        ("OPENAI_API_KEY", "sk SECRET"),
        ("API_TOKENS", "SECRET"),
        ("API_TOKENS", "alice:SECRET"),
    ] {
        assert!(!error(variable, value).contains("SECRET"));
    }
}

const SERVER: [&str; 1] = ["PROVIDER_MINE_BASE_URL"];

/// Every variable that the configuration asks for.
fn variables() -> Vec<String> {
    let asked = std::cell::RefCell::new(Vec::new());
    let lookup = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        SERVER.contains(&name).then(|| "http://127.0.0.1:1".to_owned())
    };
    let _ = Config::from_vars(lookup, &SERVER.map(str::to_owned), Bindings { ai: true });
    asked.into_inner()
}

fn any_value() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let pieces = vec![
        ",",
        ":",
        "alice",
        "0123456789abcdef",
        "openai:",
        "demo:",
        "ollama:",
        "@cf/a/b",
        "https://",
        "http://localhost:1",
        "*",
        "null",
        "0",
        "1",
        "99999999999999999999",
        "-1",
        ".",
        "1e3",
        "NaN",
        "\u{0}",
        " ",
        "\n",
        "\u{feff}",
        "é",
        "[::1]",
        "/v1",
        "demo",
        "development",
    ];
    prop_oneof![
        ".{0,40}",
        prop::collection::vec(prop::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat())
    ]
}

proptest::proptest! {
    #[test]
    fn any_value_of_any_variable_is_taken_or_refused(
        values in proptest::collection::vec((proptest::sample::select(variables()), any_value()), 0..6),
    ) {
        let vars: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if let Err(error) = read(&vars) {
            proptest::prop_assert!(!error.to_string().is_empty());
            let _ = Problem::from(&error);
        }
    }

    #[test]
    fn no_error_shows_a_secret(secret in "[!-~]{0,10}SECRET[!-~é ]{0,30}") {
        for variable in ["API_TOKENS", "OPENAI_API_KEY", "PROVIDER_GROQ_API_KEY", "PROVIDER_GROQ_HEADERS"] {
            if let Err(error) = read(&[GROQ, ("MODEL_PROVIDER", "openai"), (variable, &secret)]) {
                proptest::prop_assert!(!error.to_string().contains("SECRET"), "{error}");
            }
        }
    }
}
