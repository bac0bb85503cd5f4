//! Where the deployment runs, which decides what its owner has to type.

use super::access::Environment;

/// The variable HOSTING. Only those who start us set it: `serve`, the container, the configuration of the button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// wrangler deployed it.
    #[default]
    Cloudflare,
    /// A button deployed it, so that its owner has no files of it.
    Button,
    /// `serve`, on a machine of the owner's.
    Serve,
    Container,
}

impl Host {
    pub const ALL: [(&'static str, Host); 4] = [
        ("cloudflare", Host::Cloudflare),
        ("button", Host::Button),
        ("serve", Host::Serve),
        ("container", Host::Container),
    ];

    /// The steps that give the deployment the secret.
    pub fn steps_to_set(self, secret: &str, environment: Environment) -> String {
        let flag = match environment {
            Environment::Development => "--env development",
            Environment::Staging => "--env staging",
            Environment::Production => "--env=\"\"",
        };
        match self {
            Host::Cloudflare => format!("its owner enters it in `npx wrangler secret put {secret} {flag}`"),
            Host::Button => format!(
                "its owner opens this Worker in Cloudflare's dashboard and adds the secret {secret} under Settings, \
                 Variables and Secrets"
            ),
            Host::Serve => format!(
                "its owner sets {secret} in the environment that it is started with, or in the file of --env-file, and \
                 starts it again"
            ),
            Host::Container => {
                format!("its owner gives the container the variable {secret} and starts it again")
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use crate::api::access::{Access, RequestHead};
    use crate::api::config::{Bindings, Config};

    /// All that a deployment on this host says of what its owner has to do.
    fn words_of(host: &str) -> String {
        let mut said = Vec::new();
        for environment in ["production", "staging", "development"] {
            for (variable, value) in [
                ("MODEL_PROVIDER", "workers-ai"),
                ("MODEL_PROVIDER", "openai"),
                ("API_TOKENS", "x"),
            ] {
                let lookup = |name: &str| match name {
                    "HOSTING" => Some(host.to_owned()),
                    "BIG_MODEL" | "SMALL_MODEL" => Some("m".to_owned()),
                    "ENVIRONMENT" => Some(environment.to_owned()),
                    _ if name == variable => Some(value.to_owned()),
                    _ => None,
                };
                said.push(
                    Config::from_vars(lookup, &[], Bindings::default())
                        .unwrap_err()
                        .to_string(),
                );
                let access: Access = Config::access(lookup);
                for (host, proxy_header) in [("example.com", None), ("localhost", Some("via"))] {
                    let head = RequestHead {
                        method: "POST",
                        host,
                        origin: None,
                        authorization: None,
                        proxy_header,
                    };
                    said.push(access.authorize(&head).unwrap_err().detail().to_owned());
                }
            }
        }
        said.join("\n")
    }

    #[test]
    fn each_host_names_its_own_steps_and_no_other() {
        for (host, own) in [
            ("cloudflare", "npx wrangler secret put"),
            ("button", "Cloudflare's dashboard"),
            ("serve", "--env-file"),
            ("container", "the container the variable"),
        ] {
            let said = words_of(host);
            for secret in ["API_TOKENS", "OPENAI_API_KEY"] {
                assert!(said.contains(secret), "{said}");
            }
            assert!(said.contains(own), "{host}: {said}");
            if host != "cloudflare" {
                for foreign in ["wrangler", "npm start", ".dev.vars"] {
                    assert!(!said.contains(foreign), "{host} says {foreign}: {said}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_host_is_an_error() {
        let lookup = |name: &str| (name == "HOSTING").then(|| "elsewhere".to_owned());
        let error = Config::from_vars(lookup, &[], Bindings { ai: true })
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("HOSTING: is \"elsewhere\", expected cloudflare, button"),
            "{error}"
        );
    }
}
