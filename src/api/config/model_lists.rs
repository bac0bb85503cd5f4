//! MODEL_PROVIDER, BIG_MODEL, SMALL_MODEL and their context sizes.

use super::reader::Reader;
use crate::api::host::Host;
use crate::model::facts::default_context_tokens;
use crate::model::names::{Known, ModelRole, default_models, parse_model_list};
use crate::model::{ModelSpec, Provider};

/// Both in order of preference. Empty only where the reader holds an error.
pub(super) struct Lists {
    pub(super) big: Vec<ModelSpec>,
    pub(super) small: Vec<ModelSpec>,
}

pub(super) fn read_provider(reader: &mut Reader, servers: &[Provider], host: Host) -> Provider {
    // Absent means Workers AI, what a deployment has. Never the demo: nobody should get it without asking.
    reader.value("MODEL_PROVIDER", Provider::WorkersAi, |text| {
        let expected = match host {
            Host::Serve | Host::Container => "expected openai, ollama or demo",
            Host::Cloudflare | Host::Button => "expected workers-ai, openai, ollama or demo",
        };
        let is_there = |provider: &Provider| !matches!(provider, Provider::Named(_)) || servers.contains(provider);
        if let Some(provider) = Provider::parse(text).filter(is_there) {
            return Ok(provider);
        }
        // As variables have it: MY_BOX for my-box.
        let Some(meant) = Provider::parse(&text.to_ascii_lowercase().replace('_', "-")) else {
            return Err(expected.to_owned());
        };
        Err(if is_there(&meant) {
            format!("{expected}: write {}", meant.as_str())
        } else {
            let variable = meant.base_url_variable();
            let server = format!("{expected}, or the name of a server, which {variable} would define");
            if meant.as_str() == text {
                server
            } else {
                format!("{server} as {}", meant.as_str())
            }
        })
    })
}

pub(super) fn read_lists(reader: &mut Reader, known: Known<'_>) -> Lists {
    Lists {
        big: read_list(reader, "BIG_MODEL", "BIG_MODEL_CONTEXT_TOKENS", known, ModelRole::Big),
        small: read_list(
            reader,
            "SMALL_MODEL",
            "SMALL_MODEL_CONTEXT_TOKENS",
            known,
            ModelRole::Small,
        ),
    }
}

/// The context size, where given, holds for every model of the list; else for each what is known about it.
fn read_list(
    reader: &mut Reader,
    variable: &'static str,
    context: &'static str,
    known: Known<'_>,
    role: ModelRole,
) -> Vec<ModelSpec> {
    let mut list = reader.value(variable, Vec::new(), |text| {
        parse_model_list(text, known).map_err(|error| error.to_string())
    });
    if list.is_empty() && reader.text(variable).is_none() {
        list = unnamed(known.default, role);
        if list.is_empty() {
            reader.problem(
                variable,
                format!(
                    "missing: name a model of the server, {} has no default",
                    known.default.as_str()
                ),
            );
        }
    }
    let mut distinct: Vec<ModelSpec> = Vec::with_capacity(list.len());
    for model in list {
        if !distinct.contains(&model) {
            distinct.push(model);
        }
    }
    // 0 stands for "as known": the smallest that is accepted is far above.
    let context_tokens = reader.whole(context, 0, 1_024..=10_000_000);
    if context_tokens > 0 {
        distinct
            .iter_mut()
            .for_each(|model| model.context_tokens = context_tokens);
    }
    distinct
}

/// The provider's defaults; for `ollama` the model without a name, the first of its listing.
fn unnamed(provider: Provider, role: ModelRole) -> Vec<ModelSpec> {
    let defaults: &[&str] = if provider == Provider::Ollama {
        &[""]
    } else {
        default_models(provider, role)
    };
    let spec = |name: &&str| ModelSpec {
        provider,
        name: (*name).to_owned(),
        context_tokens: default_context_tokens(provider, name),
    };
    defaults.iter().map(spec).collect()
}

/// Every provider that may be called, with the variable to blame.
pub(super) fn needed_providers(
    default: Provider,
    big: &[ModelSpec],
    small: &[ModelSpec],
) -> Vec<(&'static str, Provider)> {
    let mut needed: Vec<(&'static str, Provider)> = Vec::new();
    let listed = [("BIG_MODEL", big), ("SMALL_MODEL", small)];
    for (variable, provider) in listed
        .into_iter()
        .flat_map(|(variable, list)| list.iter().map(move |model| (variable, model.provider)))
    {
        if !needed.iter().any(|(_, known)| *known == provider) {
            needed.push((
                if provider == default {
                    "MODEL_PROVIDER"
                } else {
                    variable
                },
                provider,
            ));
        }
    }
    needed
}
