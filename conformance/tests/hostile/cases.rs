//! What is expected of each library.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rtm_conformance::engine::memory::Overrun;
use rtm_conformance::pool::{End, Isolation, RunReport, Worker};
use rtm_conformance::worker::journal::Begun;
use rtm_sim::history::{Entry, History};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Place, Value};

use super::programs::{next_hop_within_callback, next_hops};
use super::{IMPATIENT, Outcome, PATIENT, compile, run, spec};
use super::{answers, cleanup, lanes};

/// A test, given a folder for libraries.
pub type Case = fn(&Path) -> Result<(), String>;

/// All tests by name.
pub fn all() -> Vec<(&'static str, Case)> {
    vec![
        ("good", good),
        ("bad_ends", bad_ends),
        ("signals_are_named", signals_are_named),
        ("a_bad_run_harms_no_other", a_bad_run_harms_no_other),
        ("remarks", remarks),
        ("overruns", overruns),
        ("unwritten", unwritten),
        ("callbacks", callbacks),
        ("output_is_kept_apart", output_is_kept_apart),
        ("unusable", unusable),
        ("not_libraries", not_libraries),
        ("the_library_is_loaded_where_it_can_be", the_library_is_loaded_where_it_can_be),
        ("entries_are_flushed", entries_are_flushed),
        ("destinations", answers::destinations),
        ("routes", answers::routes),
        ("slots_and_methods", answers::slots_and_methods),
        ("spoiled_methods", answers::spoiled_methods),
        ("histories_are_the_same_with_threads", lanes::histories_are_the_same),
        ("waiting_is_seen", lanes::waiting_is_seen),
        ("deadlocks_end", lanes::deadlocks_end),
        ("events_come_before_the_end_of_a_wait", lanes::events_come_before_the_end_of_a_wait),
        ("registrations_are_gone_after_a_run", cleanup::registrations_are_gone),
        ("bad_ends_while_cleaning_up_are_only_told", cleanup::bad_ends_are_only_told),
        ("a_blocked_call_ends_cleaning_up", cleanup::a_blocked_call_ends_it),
    ]
}

/// Compiles a library and starts a worker for it.
pub fn start(folder: &Path, name: &str) -> Result<Worker, String> {
    let library = compile(folder, name);
    Worker::spawn(&spec(&library)).map_err(|error| error.to_string())
}

fn run_once(folder: &Path, name: &str, isolation: Isolation) -> Result<Outcome, String> {
    run_within(folder, name, isolation, PATIENT)
}

fn run_within(
    folder: &Path,
    name: &str,
    isolation: Isolation,
    timeout: Duration,
) -> Result<Outcome, String> {
    let mut worker = start(folder, name)?;
    let change = |job: &mut rtm_conformance::pool::Job<'_>| {
        job.isolation = isolation;
        job.timeout = timeout;
        job.flushed = isolation == Isolation::Fresh;
    };
    let outcome = run(&mut worker, &next_hops(1), 1, change).map_err(|e| e.to_string())?;
    // Whatever happened, the worker goes on.
    run(&mut worker, &next_hops(0), 2, |job| job.timeout = timeout)
        .map_err(|e| format!("{name}: {e}"))?;
    Ok(outcome)
}

/// Compares what was found with what was expected.
pub fn same<T: PartialEq + std::fmt::Debug>(
    name: &str,
    found: &T,
    expected: &T,
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{name}: expected {expected:?}, found {found:?}"))
}

fn statuses(history: &History) -> Vec<u64> {
    let status = |field: &Field| match field {
        Field { place: Place::STATUS, value: Value::Number(status), .. } => Some(*status),
        _ => None,
    };
    history.fields.iter().filter_map(status).collect()
}

fn good(folder: &Path) -> Result<(), String> {
    for (name, isolation) in [
        ("good", Isolation::Shared),
        ("good", Isolation::Fresh),
        ("no-reset", Isolation::Shared),
        ("reset-fails", Isolation::Shared),
        ("load-thread", Isolation::Shared),
    ] {
        let mut worker = start(folder, name)?;
        let outcome = run(&mut worker, &next_hops(2), 40, |job| job.isolation = isolation);
        let outcome = outcome.map_err(|error| format!("{name}: {error}"))?;
        for report in &outcome.runs {
            same(name, &report.end, &End::Done)?;
            same(name, &statuses(&report.history), &vec![0; 4])?;
            same(name, &report.history, &outcome.runs[0].history)?;
        }
        same(name, &outcome.job.remarks.len(), &usize::from(name == "reset-fails"))?;
    }
    Ok(())
}

fn bad_ends(folder: &Path) -> Result<(), String> {
    let crashed = |signal| End::Crashed { signal, stack_overflow: false, address: None };
    for (name, end) in [
        ("exit", End::Exited { status: 0 }),
        ("exec", End::Exited { status: 0 }),
        ("abort", crashed(libc::SIGABRT)),
        ("loop", End::TimedOut { spinning: true }),
        ("sleep", End::TimedOut { spinning: false }),
        ("unkillable", End::TimedOut { spinning: false }),
        ("journal-run", End::TimedOut { spinning: true }),
        ("journal-process", End::TimedOut { spinning: false }),
        ("stop", End::Stopped { signal: libc::SIGSTOP }),
        ("close-all", End::ChannelClosed),
        ("callback-endless", End::CallbackBudget),
        ("disk", End::FileLimit),
        ("memory", End::MemoryLimit),
        ("unwind", End::Unwound),
        ("kill-parent", End::WorkerEnded),
    ] {
        for isolation in [Isolation::Shared, Isolation::Fresh] {
            let hangs = matches!(end, End::TimedOut { .. });
            let timeout = if hangs { IMPATIENT } else { PATIENT };
            let outcome = run_within(folder, name, isolation, timeout)?;
            same(name, &outcome.runs[0].end, &end)?;
            let last = outcome.runs[0].last.ok_or("what was done last is not known")?;
            if end != End::ChannelClosed {
                same(name, &last.begun, &Some(Begun::Call(Function::AddNextHop)))?;
                same(name, &last.step, &Some(1))?;
            }
        }
    }
    Ok(())
}

fn signals_are_named(folder: &Path) -> Result<(), String> {
    let check = |name: &str, text: &str| {
        let outcome = run_once(folder, name, Isolation::Shared)?;
        same(name, &outcome.runs[0].end.to_string(), &String::from(text))
    };
    check("segfault", "crashed with SIGSEGV at address 0x10")?;
    check("overflow", "overflowed its stack")?;
    check("abort", "crashed with SIGABRT")
}

/// Only the runs that crash are reported so, wherever they stand in a batch.
fn a_bad_run_harms_no_other(folder: &Path) -> Result<(), String> {
    let mut worker = start(folder, "segfault-third")?;
    // The count of the library is not taken back, so each process has two good runs.
    let outcome = run(&mut worker, &next_hops(1), 9, |_| {}).map_err(|error| error.to_string())?;
    let bad: Vec<usize> = outcome
        .runs
        .iter()
        .enumerate()
        .filter(|(_, run)| run.end != End::Done)
        .map(|(index, _)| index)
        .collect();
    same("segfault-third", &bad, &vec![2, 5, 8])?;
    for report in outcome.runs.iter().filter(|report| report.end == End::Done) {
        same("segfault-third", &statuses(&report.history), &vec![0; 3])?;
    }
    Ok(())
}

fn remarks(folder: &Path) -> Result<(), String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let directory = format!("working directory changed from {} to /", here.display());
    let check = |name: &str, expected: &[&str]| {
        let outcome = run_once(folder, name, Isolation::Shared)?;
        same(name, &outcome.runs[0].end, &End::Done)?;
        let expected: Vec<String> = expected.iter().map(|text| String::from(*text)).collect();
        same(name, &outcome.job.remarks, &expected)
    };
    check("stray", &["1 process(es) left behind"])?;
    check("fork-twice", &["1 process(es) left behind"])?;
    let outcome = run_once(folder, "stray-kill-parent", Isolation::Shared)?;
    same("stray-kill-parent", &outcome.runs[0].end, &End::WorkerEnded)?;
    let left = vec![String::from("1 process(es) left behind")];
    same("stray-kill-parent", &outcome.job.remarks, &left)?;
    check("thread", &["1 thread(s) left running"])?;
    check("late-crash", &["the library crashed with SIGSEGV at address 0x10 after the last step"])?;
    let crashed = "the library crashed with SIGSEGV at address 0x10 while it was unloaded";
    check("unload-crash", &[crashed])?;
    let outcome = run_within(folder, "unload-hang", Isolation::Fresh, IMPATIENT)?;
    let hung = "the library kept waiting until the time-out while it was unloaded";
    same("unload-hang", &outcome.job.remarks, &vec![String::from(hung)])?;
    let ended = "the library ended the worker while it was unloaded";
    check("unload-kill-parent", &[ended])?;
    let changed = ["1 descriptor(s) left open", "handler of signal 10 changed", &directory];
    let umask = format!("umask changed from {:03o} to 123", umask()?);
    let variable = r#"variable "RTM_LEFT" set to "a\u{1b}[31m""#;
    check("changes", &[&changed[..], &[&umask, variable]].concat())
}

/// The umask of this process, which workers inherit.
fn umask() -> Result<u32, String> {
    let text = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let octal = text.lines().find_map(|line| line.strip_prefix("Umask:"));
    let octal = octal.ok_or("the system does not tell the umask")?.trim();
    u32::from_str_radix(octal, 8).map_err(|error| error.to_string())
}

fn overruns(folder: &Path) -> Result<(), String> {
    let overrun =
        |parameter, size, offset, length| Overrun { operation: 1, parameter, size, offset, length };
    let check = |name: &str, expected: Overrun| {
        let outcome = run_once(folder, name, Isolation::Shared)?;
        same(name, &outcome.runs[0].end, &End::Done)?;
        same(name, &outcome.runs[0].overruns, &vec![expected])
    };
    check("past", overrun(2, 8, 8, 1))?;
    check("far", overrun(3, 4, 104, 1))?;
    check("before", overrun(3, 4, -2, 2))?;
    // A buffer that was given back is not given out again at once.
    let mut worker = start(folder, "stale")?;
    let outcome = run(&mut worker, &next_hops(2), 1, |_| {}).map_err(|error| error.to_string())?;
    same("stale", &outcome.runs[0].overruns, &vec![overrun(3, 4, 0, 4)])
}

fn unwritten(folder: &Path) -> Result<(), String> {
    let outcome = run_once(folder, "unwritten", Isolation::Shared)?;
    let report: &RunReport = &outcome.runs[0];
    let end = report.history.entries.iter().filter_map(|entry| match entry {
        Entry::End { fields, .. } => Some(report.history.slice(*fields)),
        _ => None,
    });
    let fields = end.clone().nth(1).ok_or("the next hop was not added")?;
    let values: Vec<Value> = fields.iter().map(|field| field.value).collect();
    let nothing = Value::Handle(HandleKind::NextHop, Handle::NULL);
    same("unwritten", &values, &vec![Value::Number(0), nothing, Value::Unwritten])
}

fn callbacks(folder: &Path) -> Result<(), String> {
    let kinds = |history: &History| -> String {
        let kind = |entry: &Entry| match entry {
            Entry::Begin { .. } => 'b',
            Entry::End { .. } => 'e',
            Entry::Callback { receiver: Some(0), told: Told::Event(0), .. } => 'c',
            Entry::CallbackEnd { answer: Answer::Event(50) } => 'r',
            _ => '?',
        };
        history.entries.iter().map(kind).collect()
    };
    // On the stack of the call, and from a thread of the library once the call is over.
    for (name, expected) in [("callback", "bebcbereb"), ("thread-callback", "bebecberb")] {
        for flushed in [false, true] {
            let mut worker = start(folder, name)?;
            let outcome = run(&mut worker, &next_hop_within_callback().build(), 3, |job| {
                job.flushed = flushed
            });
            let outcome = outcome.map_err(|error| error.to_string())?;
            for report in &outcome.runs {
                same(name, &report.end, &End::Done)?;
                same(name, &kinds(&report.history), &format!("{expected}e"))?;
            }
        }
    }
    Ok(())
}

fn output_is_kept_apart(folder: &Path) -> Result<(), String> {
    let outcome = run_once(folder, "noisy", Isolation::Shared)?;
    same("noisy", &outcome.runs[0].end, &End::Done)?;
    let outcome = run_once(folder, "noisy-abort", Isolation::Shared)?;
    let expected = String::from("\\u{1b}[1mat the end\n");
    same("noisy-abort", &outcome.runs[0].output, &expected)
}

fn unusable(folder: &Path) -> Result<(), String> {
    let check = |name: &str, expected: &str| {
        let library = compile(folder, name);
        let text = match Worker::spawn(&spec(&library)) {
            Ok(_) => String::from("usable"),
            Err(error) => error.to_string(),
        };
        let text = text.replace(&library.display().to_string(), "x.so");
        same(name, &text, &String::from(expected))
    };
    check("no-register", "x.so lacks RtmRegisterEntity")?;
    check("load-crash", "x.so crashed with SIGSEGV at address 0x10 while it was loaded")?;
    check("load-hang", "x.so kept waiting until the time-out while it was loaded")?;
    check("load-exit", "x.so ended the process with status 0 while it was loaded")?;
    check("load-symbol", "x.so cannot be loaded: x.so: undefined symbol: NobodyHasThis")
}

fn not_libraries(folder: &Path) -> Result<(), String> {
    let check = |name: &str, content: Option<&[u8]>, expected: &str| {
        let path = folder.join(name);
        if let Some(content) = content {
            fs::write(&path, content).map_err(|error| error.to_string())?;
        }
        let text = Worker::spawn(&spec(&path)).map_or_else(|e| e.to_string(), |_| String::new());
        same(name, &text, &format!("{} {expected}", path.display()))
    };
    check("nothing.so", None, "does not exist")?;
    check("", None, "is a directory, not a library")?;
    check("empty.so", Some(b""), "is empty")?;
    check("text.so", Some(b"INPUT(-lc)\n"), "is no ELF file but text")?;
    let library = fs::read(compile(folder, "good")).map_err(|error| error.to_string())?;
    for size in [40, 200, 5000, library.len() - 1] {
        let path = folder.join("short.so");
        fs::write(&path, &library[..size]).map_err(|error| error.to_string())?;
        let text = Worker::spawn(&spec(&path)).map_or_else(|e| e.to_string(), |_| String::new());
        let expected = format!("is truncated: it has {size} bytes");
        if !text.contains(&expected) {
            return Err(format!("expected {expected:?}, found {text:?}"));
        }
    }
    Ok(())
}

fn the_library_is_loaded_where_it_can_be(folder: &Path) -> Result<(), String> {
    for (name, preloaded, can_reset) in
        [("good", true, true), ("load-thread", false, true), ("no-reset", true, false)]
    {
        let worker = start(folder, name)?;
        let hello = worker.hello();
        same(name, &hello.preloaded, &preloaded)?;
        same(name, &hello.can_reset(), &can_reset)?;
        same(name, &hello.missing.len(), &56)?;
    }
    Ok(())
}

/// Of a run that ends badly, everything up to the call that was at fault is known.
fn entries_are_flushed(folder: &Path) -> Result<(), String> {
    let mut worker = start(folder, "segfault-third")?;
    let outcome = run(&mut worker, &next_hops(3), 1, |job| job.flushed = true);
    let outcome = outcome.map_err(|error| error.to_string())?;
    let history = &outcome.runs[0].history;
    same("choices", &history.choices, &vec![0, 0, 0])?;
    same("statuses", &statuses(history), &vec![0; 3])?;
    same("entries", &history.entries.len(), &7)?;
    same("last", &history.entries.last(), &Some(&Entry::Begin { actor: 0, step: 3 }))
}
