//! The choice of an id, and what makes a submission the repetition of another.

use super::*;

#[test]
fn the_id_is_the_clients_the_keys_or_a_new_one() {
    let tenant = Tenant::default_tenant();
    let new_id = || uuid::Uuid::from_u128(7);
    let identify = |body: Value, key: Option<&str>| json_body(body).unwrap().identify(&tenant, key, new_id);

    assert_eq!(
        identify(json!({"prompt": "p"}), None).unwrap().id.as_str(),
        "00000000-0000-0000-0000-000000000007"
    );
    assert_eq!(
        identify(json!({"prompt": "p", "id": "mine"}), None),
        Ok(identity("mine"))
    );
    assert_eq!(
        identify(json!({"prompt": "p", "id": "mine"}), Some("k"))
            .unwrap_err()
            .status(),
        400
    );
    assert_eq!(identify(json!({"prompt": "p"}), Some("")).unwrap_err().status(), 400);

    let first = identify(json!({"prompt": "p"}), Some("k")).unwrap();
    assert_eq!(identify(json!({"prompt": "p"}), Some("\"k\"")), Ok(first.clone()));
    let other_body = identify(json!({"prompt": "q"}), Some("k")).unwrap();
    assert_eq!(other_body.id, first.id);
    assert_ne!(other_body.fingerprints, first.fingerprints);
    assert!(first.fingerprints.is_some());
}

/// The spec of a body under an idempotency key.
fn keyed(content_type: &str, body: &str) -> WorkflowSpec {
    let tenant = Tenant::default_tenant();
    let submission = parse(Some(content_type), body.as_bytes()).unwrap();
    let identity = submission
        .identify(&tenant, Some("k"), || uuid::Uuid::from_u128(7))
        .unwrap();
    submission
        .into_spec(&config(), &tenant, identity, None, "n".to_owned())
        .unwrap()
}

/// As a build of 0.1.0 leaves it, which knows bytes only.
fn of_0_1_0(spec: WorkflowSpec) -> WorkflowSpec {
    WorkflowSpec { meaning: None, ..spec }
}

#[test]
fn a_repetition_is_known_by_what_it_says() {
    let first = keyed("application/json", r#"{"prompt": "p", "options": {"max_subtasks": 3}}"#);
    for same in [
        r#"{"options": {"max_subtasks": 3.0}, "prompt": "\u0070"}"#,
        r#"{"prompt":"p","options":{"max_subtasks":3,"approval":null}}"#,
    ] {
        assert!(first.is_asked_for_again_by(&keyed("application/json", same)), "{same}");
    }
    let other = r#"{"prompt": "p", "options": {"max_subtasks": 4}}"#;
    assert!(!first.is_asked_for_again_by(&keyed("application/json", other)));
    let text = keyed("text/markdown", "p");
    assert!(text.is_asked_for_again_by(&keyed("text/plain", "p")));
    assert!(text.is_asked_for_again_by(&keyed("application/json", r#"{"prompt": "p"}"#)));
    assert!(!text.is_asked_for_again_by(&keyed("text/plain", "p ")));
}

#[test]
fn a_repetition_across_a_deploy_or_a_rollback_is_known_by_its_bytes() {
    let body = r#"{"prompt": "p"}"#;
    let (old, new) = (
        of_0_1_0(keyed("application/json", body)),
        keyed("application/json", body),
    );
    assert!(old.is_asked_for_again_by(&new) && new.is_asked_for_again_by(&old));
    // All that 0.1.0 looks at.
    assert_eq!(old.fingerprint, new.fingerprint);
    assert!(!old.is_asked_for_again_by(&keyed("application/json", r#"{"prompt":"p"}"#)));
    let (neither, nor) = (of_0_1_0(new.clone()), new);
    let without_key = |spec: WorkflowSpec| WorkflowSpec {
        fingerprint: None,
        meaning: None,
        ..spec
    };
    assert!(!without_key(neither).is_asked_for_again_by(&without_key(nor)));
}
