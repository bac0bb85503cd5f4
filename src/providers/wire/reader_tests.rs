use super::super::behaviours::{Row, rows};
use super::super::fixtures::deterministic;
use super::*;
use crate::model::Finish;
use crate::model::tokens::estimate_tokens;
use proptest::prelude::*;

type Outcome = Result<ModelReply, ModelError>;

/// What the reader made of a body in pieces, and the text of what it gave meanwhile.
fn read(content_type: Option<&str>, pieces: &[&[u8]]) -> (Outcome, String) {
    let mut reader = ReplyReader::new(content_type).with_max_tokens(4_096);
    let mut given = String::new();
    for piece in pieces {
        match reader.feed(piece) {
            Ok(pieces) => {
                assert_eq!(
                    pieces.is_empty(),
                    piece.is_empty() || reader.is_done() && pieces.is_empty()
                );
                given.extend(pieces.into_iter().filter_map(|piece| match piece {
                    Piece::Text(text) => Some(text),
                    Piece::Alive => None,
                }));
            }
            Err(error) => return (Err(error), given),
        }
    }
    (reader.finish(), given)
}

fn outcome(row: &Row, pieces: &[&[u8]]) -> Outcome {
    read(row.content_type, pieces).0
}

#[test]
fn every_row_means_what_it_says() {
    for row in rows() {
        row.check(&outcome(row, &[row.body().as_bytes()]), "whole");
    }
}

#[test]
fn every_row_split_at_every_byte_means_the_same() {
    for row in rows() {
        let body = row.body();
        for at in 0..=body.len() {
            let (head, tail) = body.as_bytes().split_at(at);
            row.check(&outcome(row, &[head, tail]), &format!("split at {at}"));
        }
    }
}

#[test]
fn every_row_byte_by_byte_means_the_same() {
    for row in rows() {
        let body = row.body();
        let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        row.check(&outcome(row, &bytes), "byte by byte");
    }
}

#[test]
fn a_reply_is_read_alike_whatever_its_content_type_says() {
    for row in rows().filter(|row| row.text().is_some()) {
        for content_type in [
            None,
            Some("application/json"),
            Some("text/event-stream"),
            Some("image/png"),
        ] {
            let reply = read(content_type, &[row.body().as_bytes()]).0;
            row.check(&reply, &format!("as {content_type:?}"));
        }
    }
}

/// No source is named twice for the same behaviour.
#[test]
fn every_row_has_a_source_of_its_own() {
    let mut sources: Vec<&str> = rows().map(|row| row.source).collect();
    let count = sources.len();
    sources.sort_unstable();
    sources.dedup();
    assert!(sources.len() == count && count >= 120, "{count} rows");
}

/// The rows whose preview shows more or other text than the reply: reasoning that only its end tells, and texts that
/// come twice.
const PREVIEW_DIFFERS: &[&str] = &[
    "begins inside a think block",
    "channels without their tokens",
    "deltas with all of the text so far",
    "the last of the growing deltas comes twice",
];

#[test]
fn the_pieces_of_a_stream_are_a_beginning_of_its_text() {
    for row in rows().filter(|row| row.is_stream()) {
        let Some(text) = row.text() else { continue };
        let (_, given) = read(row.content_type, &[row.body().as_bytes()]);
        let differs = PREVIEW_DIFFERS.iter().any(|part| row.source.contains(part));
        // The last bytes may be held back for a mark that never came.
        let is_beginning = text.starts_with(&given) && text.len() <= given.len() + 64;
        assert_eq!(is_beginning, !differs, "{}: {given:?} {text:?}", row.source);
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
        reader.feed(b"\n\ndata: {\"response\":\"x\"}\n\ndata: {\"response\":\"y\"}\n\n"),
        Ok(vec![Piece::Text("x".into()), Piece::Text("y".into())])
    );
    assert!(!reader.is_done());
    assert_eq!(reader.feed(b"data: [DONE]\n\n"), Ok(vec![Piece::Alive]));
    assert!(reader.is_done());
    assert_eq!(reader.feed(b"data: {\"response\":\"late\"}\n\n"), Ok(vec![]));
    assert_eq!(reader.finish().map(|reply| reply.text), Ok("xy".into()));
}

#[test]
fn an_error_carries_what_arrived() {
    let mut reader = ReplyReader::new(Some("text/event-stream"));
    let reasoning = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"reasoning\":\"{}\"}}}}]}}\n\n",
        "hm ".repeat(400)
    );
    assert!(reader.feed(reasoning.as_bytes()).is_ok());
    assert!(reader.feed(b"data: {\"response\":\"four letters\"}\n\n").is_ok());
    let error = reader.feed(b"data: {oops\n\n").expect_err("malformed");
    let call = error.usage.expect("an estimate");
    assert!(call.estimated && call.usage.prompt_tokens == 0);
    let arrived = estimate_tokens(&"hm ".repeat(400)) + estimate_tokens("four letters");
    assert!(
        call.usage.completion_tokens.abs_diff(arrived) <= 10,
        "{call:?} for {arrived}"
    );
    let nothing = ReplyReader::new(None).finish().expect_err("nothing came");
    assert_eq!(nothing.usage, None);
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
        "the endpoint answered HTML (Welcome to nginx!), not a model's reply: is its base URL right?"
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
        "the endpoint answered HTML, not a model's reply: is its base URL right?"
    );
}

/// A test of the test: a reader that forgets the beginning of a split line must be caught by the splitting tests.
#[test]
fn the_splitting_test_would_catch_a_reader_that_forgets() {
    let row = rows().next().expect("a row");
    let body = row.body();
    let bytes = body.as_bytes();
    let text = |reply: Outcome| reply.ok().map(|reply| reply.text);
    let forgetful = |at: usize| text(outcome(row, &[&bytes[..at], &bytes[at + 1..]]));
    assert!((0..bytes.len()).any(|at| forgetful(at).as_deref() != row.text()));
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
        let secrets = ["secret-key".to_owned()];
        let redactor = Redactor::new(&secrets, &[]);
        let header = |_: &str| Some(body.clone());
        let error = error_from_response(Provider::Openai, status, &header, &body, 1, &redactor);
        prop_assert!(error.message.chars().count() <= 1_000);
        error_from_thrown(&body, &redactor);
        let model = ModelSpec { provider: Provider::Openai, name: body.clone(), context_tokens: 1 };
        Adaptations::new(&model).learn(status, &body);
    }
}
