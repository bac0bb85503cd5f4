//! Which service answers for a request.

use futures::future::{Either, select};
use std::pin::pin;

use super::{Bench, Turn};
use crate::clock::Clock;
use crate::model::{Brief, ErrorClass, ModelRequest, Provider};
use crate::providers::WorkersAi;
use crate::providers::demo::{Speed, script};
use crate::providers::wire::fixtures::{plan_request, subtask_request};

fn demo(prompt: &str) -> ModelRequest {
    ModelRequest {
        brief: Brief::Plan {
            plan: Default::default(),
            terms: Default::default(),
            prompt: prompt.to_owned(),
            instructions: None,
            max_subtasks: 8,
            repair: None,
        },
        ..plan_request(Provider::Demo, "demo-big")
    }
}

#[test]
fn workers_ai_runs_through_its_gateway() {
    for gateway_id in [None, Some("gate".to_owned())] {
        let mut bench = Bench::answering([Turn::status(200, ["{\"response\":\"yes\"}"])]);
        bench.providers.workers_ai = Some(WorkersAi {
            gateway_id: gateway_id.clone(),
        });
        assert!(bench.complete(&subtask_request(Provider::WorkersAi, "@cf/a/b")).is_ok());
        let sent = &bench.transport().records()[0].sent;
        assert_eq!((sent.line.as_str(), &sent.gateway_id), ("AI @cf/a/b", &gateway_id));
        assert_eq!(sent.body["messages"][0]["content"], "Do it.");
    }
}

#[test]
fn a_provider_that_is_not_configured_any_more_is_a_permanent_error() {
    let mut bench = Bench::answering([]);
    bench.providers.workers_ai = None;
    let error = bench
        .complete(&subtask_request(Provider::WorkersAi, "m"))
        .expect_err("not configured");
    assert_eq!(
        (error.class, error.name.as_str()),
        (ErrorClass::Permanent, "NotConfigured")
    );
    assert!(bench.heard.started.borrow().is_empty());
}

#[test]
fn the_demo_plays_its_script_in_its_time_without_a_request() {
    let bench = Bench::answering([]);
    let request = demo("Compare three cities.");
    let reply = bench.complete(&request).expect("a plan");
    assert_eq!(*bench.heard.text.borrow(), reply.text);
    assert_eq!(
        Some(bench.clock.elapsed_ms()),
        script(&request, Speed::NORMAL).duration_ms()
    );
    assert!(bench.clock.elapsed_ms() > 0);
}

#[test]
fn the_demo_at_speed_0_takes_no_time() {
    let mut bench = Bench::answering([]);
    bench.providers.demo_speed = Speed::INSTANT;
    assert!(bench.complete(&demo("Compare three cities.")).is_ok());
    assert_eq!(bench.clock.elapsed_ms(), 0);
}

#[test]
fn the_demo_fails_and_hangs_on_request() {
    let bench = Bench::answering([]);
    let error = bench
        .complete(&demo("Do it. [demo: fail plan]"))
        .expect_err("asked for");
    assert_eq!(error.name, "DemoFailure");
    assert!(!bench.heard.text.borrow().is_empty(), "it breaks off in mid-answer");
    let hanging = demo("Do it. [demo: hang plan]");
    bench.clock.block_on(async {
        let call = pin!(bench.call(&hanging));
        let ended = select(call, bench.clock.sleep(3_600_000)).await;
        assert!(matches!(ended, Either::Right(_)));
    });
}
