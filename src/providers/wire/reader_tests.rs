use super::super::fixtures::{FIXTURES, Fixture, deterministic, outcome_of};
use super::*;
use crate::model::Finish;
use proptest::prelude::*;

/// The outcome in the words of the fixtures, and the text of the pieces.
fn read(content_type: Option<&str>, pieces: &[&[u8]]) -> (String, String) {
    let mut reader = ReplyReader::new(content_type).with_max_tokens(4_096);
    let mut given = String::new();
    let mut result = Ok(());
    for piece in pieces {
        match reader.feed(piece) {
            Ok(pieces) => {
                assert_eq!(
                    pieces.is_empty(),
                    piece.is_empty() || reader.is_done() && pieces.is_empty()
                );
                given.extend(pieces.into_iter().filter_map(|piece| {
                    if let Piece::Text(text) = piece {
                        Some(text)
                    } else {
                        None
                    }
                }));
            }
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    let reply = result.and_then(|()| reader.finish());
    if let Err(error) = &reply {
        assert!(error.message.chars().count() <= 1_000 && !error.message.is_empty());
    }
    (outcome_of(&reply), given)
}

fn outcome(fixture: &Fixture, pieces: &[&[u8]]) -> String {
    read(fixture.content_type, pieces).0
}

#[test]
fn every_fixture_has_its_outcome() {
    for fixture in FIXTURES {
        assert_eq!(
            outcome(fixture, &[fixture.body.as_bytes()]),
            fixture.outcome,
            "{}",
            fixture.name
        );
    }
}

#[test]
fn every_fixture_split_at_every_byte_has_the_same_outcome() {
    for fixture in FIXTURES {
        let bytes = fixture.body.as_bytes();
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(
                outcome(fixture, &[head, tail]),
                fixture.outcome,
                "{} split at {at}",
                fixture.name
            );
        }
    }
}

#[test]
fn every_fixture_byte_by_byte_has_the_same_outcome() {
    for fixture in FIXTURES {
        let bytes: Vec<&[u8]> = fixture.body.as_bytes().chunks(1).collect();
        assert_eq!(outcome(fixture, &bytes), fixture.outcome, "{}", fixture.name);
    }
}

#[test]
fn every_fixture_has_the_same_outcome_without_its_content_type() {
    for fixture in FIXTURES
        .iter()
        .filter(|fixture| fixture.name != "a stream that ended before its first event")
    {
        assert_eq!(
            read(None, &[fixture.body.as_bytes()]).0,
            fixture.outcome,
            "{}",
            fixture.name
        );
    }
}

#[test]
fn the_pieces_of_a_stream_are_its_text() {
    let streams = FIXTURES
        .iter()
        .filter(|fixture| fixture.body.contains("data") && !fixture.outcome.starts_with("error"));
    for fixture in streams.filter(|fixture| fixture.name != "a stream that begins inside a think block") {
        let (outcome, given) = read(fixture.content_type, &[fixture.body.as_bytes()]);
        // The last bytes may be held back for a tag that never came.
        let text = outcome.splitn(3, '|').nth(2).expect("text");
        assert!(
            text.starts_with(&given) && text.len() <= given.len() + 11,
            "{}: {given:?} {text:?}",
            fixture.name
        );
    }
}

#[test]
fn bytes_without_text_say_that_the_server_is_alive() {
    let mut reader = ReplyReader::new(Some("text/event-stream"));
    assert_eq!(reader.feed(b""), Ok(vec![]));
    assert_eq!(reader.feed(b"\n"), Ok(vec![Piece::Alive]));
    assert_eq!(reader.feed(b": ping\n\n"), Ok(vec![Piece::Alive]));
    assert_eq!(
        reader.feed(br#"data: {"choices":[{"delta":{"reasoning":"r"}}]}"#),
        Ok(vec![Piece::Alive])
    );
    assert_eq!(
        reader.feed(b"\n\ndata: {\"response\":\"a\"}\n\ndata: {\"response\":\"b\"}\n\n"),
        Ok(vec![Piece::Text("a".into()), Piece::Text("b".into())])
    );
    assert!(!reader.is_done());
    assert_eq!(reader.feed(b"data: [DONE]\n\n"), Ok(vec![Piece::Alive]));
    assert!(reader.is_done());
    assert_eq!(reader.feed(b"data: {\"response\":\"late\"}\n\n"), Ok(vec![]));
    assert_eq!(reader.finish().map(|reply| reply.text), Ok("ab".into()));
}

#[test]
fn malformed_and_foreign_events_are_counted() {
    let mut reader = ReplyReader::new(None);
    let fed = reader.feed(b"data: {oops\n\ndata: {\"hello\":1}\n\ndata: {\"response\":\"a\"}\n\n");
    assert_eq!(fed, Ok(vec![Piece::Text("a".into())]));
    assert_eq!(reader.warnings(), 2);
}

#[test]
fn a_text_without_end_is_kept_to_its_bound() {
    let mut reader = ReplyReader::new(None);
    let event = format!("data: {{\"response\":\"{}\"}}\n\n", "é".repeat(5_000));
    let mut given = 0;
    for _ in 0..1_000 {
        let pieces = reader.feed(event.as_bytes()).expect("fed");
        given += pieces
            .iter()
            .map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 })
            .sum::<usize>();
    }
    assert!(reader.is_done());
    let reply = reader.finish().expect("kept");
    assert_eq!(
        (reply.finish, reply.text.len(), given),
        (Finish::Length, TEXT_BYTES_MAX, TEXT_BYTES_MAX)
    );
}

#[test]
fn a_whole_reply_without_end_is_an_error() {
    let mut reader = ReplyReader::new(None);
    assert!(reader.feed(b"{\"a\":\"").is_ok());
    let error = (0..1_000)
        .find_map(|_| reader.feed(&[b'x'; 10_000]).err())
        .expect("bounded");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Permanent, "ReplyTooLong")
    );
}

#[test]
fn errors_say_what_answered() {
    let message = |body: &str| {
        let mut reader = ReplyReader::new(None);
        let fed = reader.feed(body.as_bytes());
        fed.err().or_else(|| reader.finish().err()).expect("an error").message
    };
    assert_eq!(
        message("<html><title>Welcome to nginx!</title>"),
        "the endpoint answered HTML (Welcome to nginx!), not a model's reply: is OPENAI_BASE_URL right?"
    );
    assert_eq!(
        message("upstream connect error"),
        "the endpoint answered neither JSON nor a stream of completions: upstream connect error"
    );
    assert_eq!(
        message("data: {\"response\":\"ab\"}\n\n"),
        "the stream ended after 2 characters, without [DONE] and without a finish reason"
    );
    assert_eq!(
        message(&format!("<html>{}", "x".repeat(5_000))),
        "the endpoint answered HTML, not a model's reply: is OPENAI_BASE_URL right?"
    );
}

/// A test of the test: a reader that forgets the beginning of a split line must be caught by the splitting tests.
#[test]
fn the_splitting_test_would_catch_a_reader_that_forgets() {
    let fixture = &FIXTURES[0];
    let bytes = fixture.body.as_bytes();
    let forgetful = |at: usize| outcome(fixture, &[&bytes[..at], &bytes[at + 1..]]);
    assert!((0..bytes.len()).any(|at| forgetful(at) != fixture.outcome));
}

fn part_of_a_reply() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static str> = vec![
        "data: ",
        "data:",
        "\n",
        "\n\n",
        "\r\n",
        "[DONE]",
        "{\"response\":\"",
        "\"}",
        "{\"choices\":[{\"delta\":{\"content\":\"",
        "\"}}]}",
        "<think>",
        "</think>",
        "🦀",
        "{",
        "}",
        "[",
        "\"",
        "<",
        "null",
        "{\"error\":",
        "error: ",
        ": ",
        "\\n",
        "{\"usage\":{\"prompt_tokens\":1e99}}",
        "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
        "\u{feff}",
    ];
    prop_oneof![
        8 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    #![proptest_config(deterministic(3_000))]

    #[test]
    fn arbitrary_bytes_never_panic_and_read_alike_however_they_are_split(
        parts in prop::collection::vec(part_of_a_reply(), 0..30),
        cuts in prop::collection::vec(0usize..300, 0..4),
    ) {
        let bytes = parts.concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(read(None, &pieces).0, read(None, &[&bytes]).0);
    }

    #[test]
    fn arbitrary_bytes_of_errors_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        status in 100u16..600,
    ) {
        use super::super::{Adaptations, Redactor, error_from_response, error_from_thrown};
        use crate::model::{ModelSpec, Provider};
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let redactor = Redactor::new(Some("secret-key"), &[]);
        let header = |_: &str| Some(body.clone());
        let error = error_from_response(Provider::Openai, status, &header, &body, 1, &redactor);
        prop_assert!(error.message.chars().count() <= 1_000);
        error_from_thrown(&body, &redactor);
        let model = ModelSpec { provider: Provider::Openai, name: body.clone(), context_tokens: 1 };
        Adaptations::new(&model).learn(status, &body);
    }
}
