//! Programs that have one thread an actor.

use std::path::Path;

use rtm_conformance::pool::{End, Isolation};
use rtm_sim::history::Entry;
use rtm_sim::program::Action;
use rtm_sim::program::operand::{Argument, HandleRef};
use rtm_sim::vocabulary::call::Function;

use super::cases::{same, start};
use super::programs::{Builder, next_hop, next_hop_within_callback, word};
use super::run;

/// Histories are those of one thread for all actors.
pub fn histories_are_the_same(folder: &Path) -> Result<(), String> {
    let program = || {
        let builder = next_hop_within_callback().call(0, Function::AddNextHop, next_hop());
        builder.call(0, Function::AddNextHop, next_hop())
    };
    for name in ["good", "callback", "no-reset"] {
        let mut worker = start(folder, name)?;
        let mut runs = Vec::new();
        for program in [program().build(), program().build_threaded()] {
            let outcome = run(&mut worker, &program, 5, |_| {});
            let outcome = outcome.map_err(|error| format!("{name}: {error}"))?;
            runs.extend(outcome.runs);
        }
        for report in &runs {
            same(name, &report.end, &End::Done)?;
            same(name, &report.history, &runs[0].history)?;
        }
    }
    Ok(())
}

fn lock(exclusive: u32, take: u32) -> Vec<Argument> {
    vec![Argument::Handle(HandleRef::Null), word(exclusive), word(take)]
}

/// One letter an entry, and the actor.
fn kinds(entries: &[Entry]) -> String {
    let kind = |entry: &Entry| match entry {
        Entry::Begin { actor, .. } => format!("b{actor} "),
        Entry::End { actor, .. } => format!("e{actor} "),
        Entry::Blocked { actor, .. } => format!("w{actor} "),
        Entry::Deadlock { .. } => String::from("deadlock"),
        Entry::Callback { .. } => String::from("call "),
        Entry::CallbackEnd { .. } => String::from("return "),
        _ => String::from("? "),
    };
    entries.iter().map(kind).collect()
}

/// A call that waits for another actor is reported, and ends when it does.
pub fn waiting_is_seen(folder: &Path) -> Result<(), String> {
    let begin = Builder::new(2).call(0, Function::LockDestination, lock(1, 1)).call(
        1,
        Function::LockDestination,
        lock(1, 1),
    );
    let program = begin
        .call(0, Function::LockDestination, lock(1, 0))
        .call(1, Function::LockDestination, lock(1, 0))
        .build_threaded();
    for isolation in [Isolation::Shared, Isolation::Fresh] {
        let mut worker = start(folder, "locks")?;
        let outcome = run(&mut worker, &program, 3, |job| job.isolation = isolation);
        let outcome = outcome.map_err(|error| error.to_string())?;
        for report in &outcome.runs {
            same("locks", &report.end, &End::Done)?;
            let expected = "b0 e0 b1 e1 b0 e0 b1 w1 b0 e0 e1 b1 e1 b0 e0 b1 e1 ";
            same("locks", &kinds(&report.history.entries), &String::from(expected))?;
        }
    }
    Ok(())
}

/// What a thread of the library delivers while it is waited for events comes before the end of the
/// wait.
pub fn events_come_before_the_end_of_a_wait(folder: &Path) -> Result<(), String> {
    let program = || {
        let builder = Builder::new(1).call(0, Function::AddNextHop, next_hop());
        builder.act(0, Action::Settle, None)
    };
    let mut worker = start(folder, "settle-callback")?;
    for program in [program().build(), program().build_threaded()] {
        let outcome = run(&mut worker, &program, 3, |_| {}).map_err(|error| error.to_string())?;
        for report in &outcome.runs {
            same("settle-callback", &report.end, &End::Done)?;
            let expected = String::from("b0 e0 b0 e0 b0 call return e0 b0 e0 ");
            same("settle-callback", &kinds(&report.history.entries), &expected)?;
        }
    }
    Ok(())
}

/// Runs that end with a call that still waits have a process of their own each.
pub fn deadlocks_end(folder: &Path) -> Result<(), String> {
    let program = Builder::new(1)
        .call(0, Function::LockDestination, lock(1, 1))
        .call(0, Function::LockDestination, lock(1, 1))
        .call(0, Function::AddNextHop, next_hop())
        .build_threaded();
    for name in ["locks", "sleeps"] {
        let mut worker = start(folder, name)?;
        let outcome = run(&mut worker, &program, 3, |_| {}).map_err(|error| error.to_string())?;
        for report in &outcome.runs {
            same(name, &report.end, &End::Done)?;
            let taken = if name == "locks" { "b0 e0 " } else { "" };
            let expected = format!("b0 e0 {taken}b0 w0 deadlock");
            same(name, &kinds(&report.history.entries), &expected)?;
        }
    }
    Ok(())
}
