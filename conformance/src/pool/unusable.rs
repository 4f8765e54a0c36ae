//! Why a library cannot be used, one sentence each.

use super::report::End;

/// Why a library cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// There is nothing at the path.
    #[error("{0} does not exist")]
    Missing(String),
    /// It is a folder.
    #[error("{0} is a directory, not a library")]
    Directory(String),
    /// It cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// Where it is.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// It has no content.
    #[error("{0} is empty")]
    Empty(String),
    /// It is a file of another kind.
    #[error("{path} is no ELF file but {found}")]
    NoElf {
        /// Where it is.
        path: String,
        /// What it looks like.
        found: &'static str,
    },
    /// It is an ELF file of another kind.
    #[error("{path} is {found}, not a shared library")]
    NoLibrary {
        /// Where it is.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// It is for other processors.
    #[error("{path} is {found} library, this host is {host}")]
    OtherMachine {
        /// Where it is.
        path: String,
        /// Its processor, with its article.
        found: String,
        /// Ours.
        host: &'static str,
    },
    /// It has other pointers.
    #[error("{path} is a {found}-bit library, this host needs {host} bits")]
    OtherClass {
        /// Where it is.
        path: String,
        /// Bits of its pointers.
        found: u32,
        /// Bits of ours.
        host: u32,
    },
    /// A part of it is not there.
    #[error("{path} is truncated: it has {size} bytes and its headers tell of {wanted}")]
    Truncated {
        /// Where it is.
        path: String,
        /// Bytes that are there.
        size: u64,
        /// Bytes that should be there at least.
        wanted: u64,
    },
    /// The loader refuses it.
    #[error("{path} cannot be loaded: {reason}")]
    Refused {
        /// Where it is.
        path: String,
        /// What the loader says.
        reason: String,
    },
    /// It lacks a function without which nothing can be done.
    #[error("{path} lacks {}", .missing.join(" and "))]
    Lacks {
        /// Where it is.
        path: String,
        /// Names of the functions.
        missing: Vec<String>,
    },
    /// The process that loaded it did not come through.
    #[error("{path} {end} while it was loaded")]
    LoadingFailed {
        /// Where it is.
        path: String,
        /// How the process ended.
        end: End,
    },
    /// No worker could be started, which is not the fault of the library.
    #[error("failed to start a worker: {0}")]
    NoWorker(String),
}
