//! Which library is meant, and why one cannot be used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rtm_conformance::gate::report::quoted;
use rtm_conformance::pool::{End, LibrarySpec, Unusable};

use super::exit::{Failure, UNUSABLE};

/// The library that is meant.
#[derive(clap::Args, Clone, Debug)]
pub struct Implementation {
    /// The library; the reference that was built beside this program when left out.
    #[arg(long = "implementation", value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Seconds that loading the library may take.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10",
        allow_negative_numbers = true)]
    pub load_timeout: Duration,
}

impl Implementation {
    /// How it is driven.
    pub fn spec(&self) -> Result<LibrarySpec, Failure> {
        let path = match &self.path {
            Some(path) => path.clone(),
            None => reference()?,
        };
        // Opening a pipe would wait for its writer.
        let is_pipe = path.metadata().is_ok_and(|found| {
            use std::os::unix::fs::FileTypeExt as _;
            found.file_type().is_fifo()
        });
        if is_pipe {
            let message = format!(
                "use the library: {} is a pipe, not a library; name a .so file",
                path.display()
            );
            return Err(Failure::new(UNUSABLE, message));
        }
        let spec = LibrarySpec::new(path)
            .map_err(|error| Failure::new(UNUSABLE, format!("find this program: {error}")))?;
        Ok(LibrarySpec { load_timeout: self.load_timeout, ..spec })
    }

    /// How it is named in commands that repeat a difference.
    pub fn shown_path(&self) -> Option<String> {
        self.path.as_deref().map(Path::display).map(|path| path.to_string())
    }
}

/// Variables that make the reference another one: what is repeated needs them, too.
const PLANTED: [&str; 2] = ["RTM_REFERENCE_READINGS", "RTM_REFERENCE_TAMPERING"];

/// How this program was called, as words for a shell: by its name, or by a path, which is shown as
/// seen from here; and with what is planted in the reference.
pub fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    let shown = match called.strip_prefix(&here) {
        _ if called.components().count() < 2 => String::from("rtm"),
        Ok(below) if here.components().count() != 1 => {
            Path::new(".").join(below).display().to_string()
        }
        _ => called.display().to_string(),
    };
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let planted = PLANTED.into_iter().filter_map(|name| Some((name, value(name)?)));
    let planted: String =
        planted.map(|(name, value)| format!("{name}={} ", quoted(&value))).collect();
    planted + &quoted(&shown)
}

/// Reads a time-out.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let number: Option<f64> = text.parse().ok();
    let time = number.and_then(|number| Duration::try_from_secs_f64(number).ok());
    match time {
        Some(time) if !time.is_zero() && time <= Duration::from_secs(86_400) => Ok(time),
        _ => Err(String::from("it is a number of seconds, more than 0 and at most 86400")),
    }
}

/// The failure of a command that cannot use the library; the message ends with what to do.
pub fn unusable(error: Unusable) -> Failure {
    let step = match &error {
        Unusable::NoWorker(reason) => {
            let message = format!("start a worker: {reason}; try fewer --test-threads");
            return Failure::new(UNUSABLE, message);
        }
        Unusable::Missing(_) => "check the path",
        Unusable::Directory(_) => "name the .so file in it",
        Unusable::Unreadable { .. } => "check who may read it",
        Unusable::Empty(_) | Unusable::Truncated { .. } => "build or copy it again",
        Unusable::NoElf { .. }
        | Unusable::NoLibrary { .. }
        | Unusable::OtherMachine { .. }
        | Unusable::OtherClass { .. } => "build a shared library for this host",
        Unusable::Refused { .. } => "`ldd -r` tells what it needs",
        Unusable::Lacks { .. } => {
            "export them unmangled, `extern \"C\"`, and with default visibility; `nm -D` shows them"
        }
        Unusable::LoadingFailed { end: End::TimedOut { .. }, .. } => {
            "see --load-timeout, and look at its constructors"
        }
        Unusable::LoadingFailed { .. } => "look at its constructors",
    };
    Failure::new(UNUSABLE, format!("use the library: {error}; {step}"))
}

/// The reference that was built beside this program.
fn reference() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(UNUSABLE, format!("find this program: {error}")))?;
    let path = program.with_file_name("librtm_reference.so");
    if path.exists() {
        return Ok(path);
    }
    // Both are built into the folder of their profile.
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let profile = if folder == Some("release") { " --release" } else { "" };
    let message = format!(
        "find the reference at {}: build it with `cargo build -p rtm-reference{profile}`, \
         or name a library with --implementation",
        path.display()
    );
    Err(Failure::new(UNUSABLE, message))
}
