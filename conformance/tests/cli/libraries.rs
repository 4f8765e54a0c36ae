//! Files and libraries that cannot be used, each told in one sentence; and one that is not whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Case;
use super::reference::reference;
use super::run::{Folder, Outcome, Said, again, check, expect, rtm, shown};

pub const CASES: &[Case] = &[
    ("library_missing", |f| refused(f, &f.at("x.so"), "x.so does not exist; check the path")),
    ("library_folder", |f| refused(f, &f.folder("x.so"), "x.so is a directory, not a library; ")),
    ("library_text", |f| refused(f, &f.write("x.so", "hello\n"), "x.so is no ELF file but text; ")),
    ("library_empty", |f| refused(f, &f.write("x.so", ""), "x.so is empty; ")),
    ("library_pipe", |f| refused(f, &f.pipe("x.so"), "x.so is a pipe, not a library; ")),
    ("library_noise", |f| refused(f, &f.write("x.so", [0; 999]), "no ELF file but something else")),
    ("library_for_another_machine", |f| {
        refused(f, &changed(f, |bytes| bytes[18..20].copy_from_slice(&[22, 0])), "an S/390 library")
    }),
    ("library_of_32_bits", |f| {
        refused(f, &changed(f, |bytes| bytes[4] = 1), "x.so is a 32-bit library, ")
    }),
    ("library_that_is_a_program", |f| {
        refused(f, &changed(f, |bytes| bytes[16] = 2), "x.so is a program, not a shared library; ")
    }),
    ("library_truncated", truncated),
    ("library_without_register", |f| {
        let library = compile(f, "hostile/no-register.c", &[]);
        refused(f, &library, "x.so lacks RtmRegisterEntity; ")
    }),
    ("library_without_anything", |f| {
        f.write("empty.c", "int Nothing;\n");
        let library = compile_file(f, &f.at("empty.c"), &[]);
        refused(f, &library, "x.so lacks RtmRegisterEntity and RtmDeregisterEntity; ")
    }),
    ("library_that_hides_everything", |f| {
        let library = compile(f, "hostile/good.c", &["-fvisibility=hidden"]);
        refused(f, &library, "`extern \"C\"`, and with default visibility; ")
    }),
    ("reference_not_built", |f| {
        for (folder, piece) in [
            ("release", "build it with `cargo build -p rtm-reference --release`"),
            ("debug", "build it with `cargo build -p rtm-reference`"),
        ] {
            let program = f.folder(folder).join("rtm");
            fs::copy(env!("CARGO_BIN_EXE_rtm"), &program).expect("the program can be copied");
            expect(Command::new(program).arg("smoke"), 96, &[piece])?;
        }
        Ok(())
    }),
    ("library_crashes_when_loaded", |f| {
        let library = compile(f, "hostile/load-crash.c", &[]);
        refused(f, &library, "while it was loaded; look at its constructors")
    }),
    ("library_exits_when_loaded", |f| {
        let library = compile(f, "hostile/load-exit.c", &[]);
        refused(f, &library, "while it was loaded; look at its constructors")
    }),
    ("library_hangs_when_loaded", |f| {
        let library = compile(f, "hostile/load-hang.c", &[]);
        refused(f, &library, "while it was loaded; see --load-timeout")
    }),
    ("library_lacks_a_symbol", |f| {
        let library = compile(f, "hostile/load-symbol.c", &[]);
        refused(f, &library, "NobodyHasThis")
    }),
    ("library_of_five_functions", five_functions),
    ("library_with_a_clock_of_its_own", clock_of_its_own),
    ("library_with_a_clock_that_is_wrong", wrong_clock),
    ("library_hangs_when_loaded_by_another_worker", hangs_later),
    ("library_of_slow_calls", slow_calls),
    ("output_before_the_program_begins", printed_first),
    ("smoke_shows_what_its_command_shows", smoke_is_repeated),
];

/// Ten calls.
const QUESTIONS: &str = r#"format = 1
title = "a client asks ten times who it is"
[client.rip]
protocol = 8
"#;

/// The library is refused by each command that takes one, in a sentence that has this piece.
fn refused(folder: &Folder, library: &Path, piece: &str) -> Outcome {
    for command in ["conform", "smoke", "profile"] {
        // Only what is meant to hang is not waited for.
        let time = if piece.contains("--load-timeout") { "0.3" } else { "60" };
        let words = [command, "--load-timeout", time, "--implementation", shown(library)];
        let said = expect(&mut rtm(folder, &words), 96, &[piece])?;
        let is_sentence = said.err.starts_with("error: failed to use the library: ")
            && said.err.lines().count() == 1
            && !said.err.trim_end().ends_with('.');
        if !is_sentence || !said.out.is_empty() {
            return Err(format!("one sentence is expected: {}{}", said.out, said.err));
        }
    }
    Ok(())
}

/// A copy of the reference with other bytes.
fn changed(folder: &Folder, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(reference()).expect("the reference can be read");
    change(&mut bytes);
    folder.write("x.so", bytes)
}

fn truncated(folder: &Folder) -> Outcome {
    let size = fs::read(reference()).expect("the reference can be read").len();
    for kept in [4, 5, 20, 63, 64, 200, 4096, size / 3, size / 2, size - 4096, size - 1] {
        let library = changed(folder, |bytes| bytes.truncate(kept));
        refused(folder, &library, &format!("x.so is truncated: it has {kept} bytes "))?;
    }
    Ok(())
}

/// Compiles a file of C among the tests.
pub fn compile(folder: &Folder, source: &str, options: &[&str]) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    compile_file(folder, &source, options)
}

fn compile_file(folder: &Folder, source: &Path, options: &[&str]) -> PathBuf {
    let library = folder.at("x.so");
    let headers = Path::new(env!("CARGO_MANIFEST_DIR")).join("abi/include");
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-w", "-pthread", "-I", shown(&headers), "-o"]);
    command.arg(&library).arg(source).args(options);
    assert!(command.status().expect("a C compiler can be run").success(), "{source:?}");
    library
}

/// What needs a function that is missing is unsupported, the rest is judged.
fn five_functions(folder: &Folder) -> Outcome {
    let library = compile(folder, "cli/five-functions.c", &["-ldl"]);
    let words = ["conform", "--implementation", shown(&library), "registration", "routes"];
    let mut command = rtm(folder, &words);
    command.env("RTM_TEST_FORWARDED_TO", reference());
    let said = expect(&mut command, 0, &["lacks RtmAddRouteToDest, ", "skipped", " 0 failed"])?;
    let word_of = |name: &str| {
        let line = said.out.lines().find(|line| line.split_whitespace().nth(1) == Some(name));
        line.and_then(|line| line.split_whitespace().next()).unwrap_or("none")
    };
    for (name, word) in
        [("registration/first-call", "match"), ("routes/worsened-best-loses", "unsupported")]
    {
        if word_of(name) != word {
            return Err(format!("{name} is {}, {word} is expected", word_of(name)));
        }
    }
    let words = ["conform", "--implementation", shown(&library), "--configure", "entities=9"];
    let mut command = rtm(folder, &words);
    command.args(["--exact", "registration/first-call"]);
    command.env("RTM_TEST_FORWARDED_TO", reference());
    let piece = "limits are to be set, and there is no RtmTestConfigure";
    expect(&mut command, 0, &[piece, "0 passed, 0 failed, 1 skipped"])?;
    let mut smoke = rtm(folder, &["smoke", "--implementation", shown(&library)]);
    smoke.env("RTM_TEST_FORWARDED_TO", reference());
    let pieces = ["exports 5 of 59 functions", "lacks\n    Rtm", "exports no test hook"];
    let said = expect(&mut smoke, 0, &pieces)?;
    if let Some(long) = said.out.lines().skip(1).find(|line| 100 < line.len()) {
        return Err(format!("too long: {long}"));
    }
    check(folder, "smoke", 0, &["exports the test hooks "])
}

/// The reference with a clock that runs by itself.
fn own_clock(folder: &Folder) -> PathBuf {
    let reference = reference();
    let named = format!("-DREFERENCE=\"{}\"", shown(&reference));
    let linked = ["-Wl,--no-as-needed", shown(&reference), "-ldl", &named];
    compile(folder, "cli/own-clock.c", &linked)
}

/// Times are waited for, and judged with some slack; what takes too long is unsupported.
fn clock_of_its_own(folder: &Folder) -> Outcome {
    let library = own_clock(folder);
    let mut smoke = rtm(folder, &["smoke", "--implementation", shown(&library)]);
    expect(&mut smoke, 0, &["time passes in real time"])?;
    let words = ["conform", "--strict", "--exact", "--implementation", shown(&library)];
    let mut command = rtm(folder, &words);
    command.args(WAITED_FOR);
    let said = expect(&mut command, 0, &[" 0 failed", "hold/over-after-its-time"])?;
    let line = said.out.lines().find(|line| line.contains("hold/over-after-its-time"));
    match line.is_some_and(|line| line.starts_with("unsupported")) {
        true => Ok(()),
        false => Err(format!("a day is waited for: {}", said.out)),
    }
}

/// Scenarios about times; the last one takes longer than is waited.
const WAITED_FOR: [&str; 6] = [
    "routes/life-starts-anew",
    "routes/expired-deleted",
    "hold/held-for-the-time-asked-for",
    "hold/whole-life",
    "hold/end-is-told",
    "hold/over-after-its-time",
];

/// Who lets a held route go long before its time is found out, and who keeps a route for too long.
fn wrong_clock(folder: &Folder) -> Outcome {
    let library = own_clock(folder);
    for (reading, scenario, clause) in [
        (
            "RtmHoldDestination.held-for-requested-time=halved",
            "hold/held-for-the-time-asked-for",
            "RtmHoldDestination.held-for-requested-time",
        ),
        (
            "RtmAddRouteToDest.ttl-milliseconds=seconds",
            "routes/expired-milliseconds",
            "RtmAddRouteToDest.expired-callback",
        ),
    ] {
        let words = ["conform", "--strict", "--exact", scenario, "--implementation"];
        let mut command = rtm(folder, &words);
        command.arg(&library).env("RTM_REFERENCE_READINGS", reading);
        expect(&mut command, 100, &[" 1 failed", clause])?;
    }
    Ok(())
}

/// Whoever makes the other runs of a scenario does not wait for a worker that never gets ready.
fn hangs_later(folder: &Folder) -> Outcome {
    let library = compile(folder, "cli/hangs-later.c", &["-ldl"]);
    let runs = "--exact registration/registered-within-each-order --seeds 1000 --test-threads 2";
    let words = ["conform", "--load-timeout", "3", "--implementation", shown(&library)];
    let mut command = rtm(folder, &words);
    command.args(runs.split_whitespace());
    command
        .env("RTM_TEST_FORWARDED_TO", reference())
        .env("RTM_TEST_FOLDER", folder.folder("loads"));
    expect(&mut command, 96, &["while it was loaded; see --load-timeout"]).map(drop)
}

/// The time that is set is that of a run: it does not begin anew with each call that comes back.
fn slow_calls(folder: &Folder) -> Outcome {
    let library = compile(folder, "cli/slow-calls.c", &["-ldl"]);
    let question = "[[step]]\ncall = \"RtmGetEntityInfo\"\nentity-handle = \"rip\"\n";
    folder.write("c/slow.toml", format!("{QUESTIONS}{}", question.repeat(10)));
    let conform = |time: &str| {
        let words = ["conform", "--corpus", "c", "--timeout", time, "--implementation"];
        let mut command = rtm(folder, &words);
        command.arg(&library).env("RTM_TEST_FORWARDED_TO", reference());
        command
    };
    expect(&mut conform("1"), 100, &["timeout ", "slow", "0 passed, 1 failed"])?;
    expect(&mut conform("60"), 0, &["1 passed, 0 failed"]).map(drop)
}

/// What is loaded into the worker by its environment may print before the worker says anything.
fn printed_first(folder: &Folder) -> Outcome {
    let constructor = "__attribute__((constructor)) static void start(void)";
    let text = "printed before main\\n";
    let source = format!("#include <unistd.h>\n{constructor} {{ write(2, \"{text}\", 20); }}\n");
    let library = compile_file(folder, &folder.write("prints.c", source), &[]);
    let mut command = rtm(folder, &["smoke"]);
    expect(command.env("LD_PRELOAD", &library), 0, &["printed before main", "registered"]).map(drop)
}

/// The command that `smoke` names runs the very scenario that failed.
fn smoke_is_repeated(folder: &Folder) -> Outcome {
    let fault = ("RTM_REFERENCE_TAMPERING", "RtmDeregisterEntity status 0 87");
    let run = |mut command: Command| {
        expect(command.env(fault.0, fault.1), 100, &["RtmDeregisterEntity", "repeat: "])
    };
    let report = |said: &Said| -> Vec<String> {
        said.out.lines().filter(|line| line.starts_with("    ")).map(String::from).collect()
    };
    let first = run(rtm(folder, &["smoke"]))?;
    let shown = report(&first);
    let again = run(shown.last().and_then(|line| again(folder, line)).ok_or("no command")?)?;
    match report(&again) == shown {
        true => Ok(()),
        false => Err(format!("{}\n{}", first.out, again.out)),
    }
}
