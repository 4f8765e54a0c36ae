//! What runs still hold at their end is given back, and what goes wrong then is nobody's fault.

use std::path::Path;

use rtm_conformance::pool::{End, Isolation};
use rtm_sim::program::Program;
use rtm_sim::vocabulary::call::Function;

use super::cases::{same, start};
use super::programs::{Builder, next_hop};
use super::{IMPATIENT, PATIENT, run};

/// Two clients and their next hops; nobody releases anything or leaves.
fn program() -> Program {
    let hop = |builder: Builder, actor| builder.call(actor, Function::AddNextHop, next_hop());
    [0, 1, 0].into_iter().fold(Builder::new(2), hop).build_staying()
}

/// A library that counts finds that nothing is left after a run.
pub fn registrations_are_gone(folder: &Path) -> Result<(), String> {
    for (cleanup, remarks) in [(true, 0), (false, 1)] {
        let mut worker = start(folder, "counts")?;
        let outcome = run(&mut worker, &program(), 5, |job| job.cleanup = cleanup);
        let outcome = outcome.map_err(|error| error.to_string())?;
        for report in &outcome.runs {
            same("counts", &report.end, &End::Done)?;
            same("counts", &report.history, &outcome.runs[0].history)?;
        }
        // Its reset fails as long as it counts anything.
        same("counts", &outcome.job.remarks.len(), &remarks)?;
        same("counts", &outcome.job.lost_cleanups, &0)?;
    }
    Ok(())
}

/// Every run has its answers, and it is told how many processes died and in which call.
pub fn bad_ends_are_only_told(folder: &Path) -> Result<(), String> {
    let trap = "crashed with SIGILL";
    for (name, end) in [
        ("leave-crash", trap),
        ("leave-without-reset", trap),
        ("leave-exit", "ended the process with status 0"),
        ("leave-hang", "kept waiting until the time-out"),
        ("leave-kill-parent", "ended the worker"),
    ] {
        for (isolation, flushed) in
            [(Isolation::Shared, false), (Isolation::Shared, true), (Isolation::Fresh, false)]
        {
            let mut worker = start(folder, name)?;
            let outcome = run(&mut worker, &program(), 6, |job| {
                job.isolation = isolation;
                job.flushed = flushed;
                job.timeout = if name == "leave-hang" { IMPATIENT } else { PATIENT };
            });
            let outcome = outcome.map_err(|error| format!("{name}: {error}"))?;
            for report in &outcome.runs {
                same(name, &report.end, &End::Done)?;
                same(name, &report.history, &outcome.runs[0].history)?;
            }
            same(name, &outcome.job.lost_cleanups, &1)?;
            let expected = format!("the library {end} in RtmDeregisterEntity while cleaning up");
            same(name, &outcome.job.remarks, &vec![expected])?;
        }
    }
    Ok(())
}

/// A call that waits for others is seen as such where clients have threads; its process ends.
pub fn a_blocked_call_ends_it(folder: &Path) -> Result<(), String> {
    let mut worker = start(folder, "leave-hang")?;
    let program = Program { threads: true, ..program() };
    let outcome = run(&mut worker, &program, 2, |_| {}).map_err(|error| error.to_string())?;
    for report in &outcome.runs {
        same("leave-hang", &report.end, &End::Done)?;
    }
    let expected = String::from("RtmDeregisterEntity did not return while cleaning up");
    same("leave-hang", &outcome.job.remarks.contains(&expected), &true)?;
    same("leave-hang", &outcome.job.lost_cleanups, &0)
}
