//! What the seeded editor writes: good edits, edits that apply nowhere, a reply without marks, parts that it forgets.

use std::rc::Rc;

use orchestrator_workers::engine::AttemptId;
use orchestrator_workers::model::{Brief, EditPart, PartContent};

use crate::random::Random;
use crate::world::World;

/// The reply of an editor's call.
pub fn of(world: &Rc<World>, id: &AttemptId, brief: &Brief) -> String {
    let random = &world.random;
    // Unique, so that an answer in the journal tells which call gave it.
    let lead = format!(
        "Lead of {}, run {}, attempt {}, {:x}.",
        id.step,
        id.run,
        id.number,
        random.bits()
    );
    let Brief::Edit {
        terms,
        parts,
        repair,
        continue_from,
        ..
    } = brief
    else {
        world.violate(format!("{} is asked with another brief", id.step));
        return lead;
    };
    if repair.is_some() {
        return match random.range(0, 9) {
            0 => "none".to_owned(),
            1 | 2 => edit(random, parts, false),
            _ => edit(random, parts, true),
        };
    }
    if let Some(so_far) = continue_from {
        // Whoever was stopped within a mark begins the line again.
        let answer = if so_far.contains("@answer\n") { "" } else { "@answer\n" };
        return format!("\n\n{answer}{lead}\n\n{}", includes(random, parts));
    }
    if terms.plain || random.percent(5) {
        return lead;
    }
    let mut script = String::new();
    for _ in 0..random.range(0, 2) {
        let is_good = random.percent(70);
        script += &edit(random, parts, is_good);
    }
    if random.percent(4) && !script.is_empty() {
        return script;
    }
    script + &format!("@answer\n{lead}\n\n{}", includes(random, parts))
}

/// The reply of a reviewer: nothing to correct, edits that apply or do not, a new text, or a remark that is none of
/// these.
pub fn review(world: &Rc<World>, id: &AttemptId, brief: &Brief) -> String {
    let random = &world.random;
    let Brief::Review { answer, .. } = brief else {
        world.violate(format!("{} is asked with another brief", id.step));
        return "none".to_owned();
    };
    if random.percent(world.workload.trouble.nonsense) {
        return "A fine answer.".to_owned();
    }
    let unique = format!(
        "Reviewed in run {}, attempt {}, {:x}.",
        id.run,
        id.number,
        random.bits()
    );
    match random.range(0, 9) {
        0 | 1 => "none".to_owned(),
        2 => format!("@answer\n{unique}{}", " word".repeat(answer.len() / 4)),
        3 => format!("@answer\n{unique}"),
        4 => format!("@edit answer\n<<<<\nwhat stands nowhere\n====\n{unique}\n>>>>\n"),
        _ => {
            let word = answer.split(' ').nth(1).unwrap_or("nothing");
            format!("My corrections:\n\n@edit answer\n<<<<\n{word}\n====\n{unique}\n>>>>\n\nThat is all.")
        }
    }
}

/// JSON that fits, bare or in a fence; JSON that does not; prose.
pub fn structure(world: &Rc<World>, id: &AttemptId) -> String {
    let random = &world.random;
    let json = format!(
        "{{\"run\":{},\"attempt\":{},\"unique\":\"{:x}\"}}",
        id.run,
        id.number,
        random.bits()
    );
    if random.percent(world.workload.trouble.nonsense * 2) {
        return if random.percent(50) {
            "[1, 2]".to_owned()
        } else {
            "Prose.".to_owned()
        };
    }
    if random.percent(30) {
        return format!("Here it is:\n```json\n{json}\n```");
    }
    json
}

/// An edit of some part whose text is shown. A bad one names a text that stands nowhere, or a part that nobody has.
fn edit(random: &Random, parts: &[EditPart], is_good: bool) -> String {
    let shown: Vec<(&str, &str)> = parts
        .iter()
        .filter_map(|part| match &part.content {
            PartContent::Whole { text, .. } => Some((part.id.as_str(), text.as_str())),
            _ => None,
        })
        .collect();
    let (id, old) = if shown.is_empty() || (!is_good && random.percent(20)) {
        ("nobody", "nothing")
    } else {
        let (id, text) = *random.pick(&shown);
        // The second word is the part's own.
        let word = text.split(' ').nth(1).unwrap_or_default();
        (id, if is_good { word } else { "what stands nowhere" })
    };
    format!("@edit {id}\n<<<<\n{old}\n====\nmended-{:x}\n>>>>\n\n", random.bits())
}

fn includes(random: &Random, parts: &[EditPart]) -> String {
    let mut includes: Vec<String> = parts
        .iter()
        .filter(|_| !random.percent(5))
        .map(|part| format!("@include {}", part.id))
        .collect();
    if random.percent(5) {
        includes.push("@include nobody".to_owned());
    }
    if random.percent(5) {
        includes.extend(includes.first().cloned());
    }
    if random.percent(20) {
        includes.insert(0, "And so it begins.".to_owned());
    }
    includes.join("\n\n")
}
