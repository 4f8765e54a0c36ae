//! Where scenarios come from: the corpus that is built in, single files, folders.
//!
//! Folders are read with care: nothing outside of them, nothing too large, no link that leads
//! round in circles.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, shown};
use crate::scenario::{Scenario, parse};
use crate::syntax::{self, FILE_BYTES_MAX};

/// How the names of scenario files end.
const EXTENSION: &str = ".toml";
/// Deepest folder of a corpus.
const FOLDER_DEPTH_MAX: usize = 16;

/// Name and text of every scenario that is built in.
static CORPUS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// Why scenarios could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or folder cannot be read.
    #[error("read {}: {source}", name(path))]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder holds no scenario.
    #[error("find a scenario in {}: it holds no .toml file", name(path))]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder whose name makes no name of a scenario.
    #[error("name {}: scenarios are called `<name>.toml`, in UTF-8", name(path))]
    Unnamed {
        /// Which one.
        path: PathBuf,
    },
    /// A link leads out of the folder.
    #[error("keep within the corpus: {} leads out of it", name(path))]
    Outside {
        /// The link.
        path: PathBuf,
    },
    /// Folders are nested too deep, perhaps by a link that leads back.
    #[error("read {}: more than {FOLDER_DEPTH_MAX} folders deep", name(path))]
    TooDeep {
        /// The folder.
        path: PathBuf,
    },
    /// There are mistakes in files.
    #[error("understand {} of the files", .0.len())]
    Invalid(
        /// All of them.
        Vec<Diagnostic>,
    ),
}

/// The name of a path, as it can be shown.
fn name(path: &Path) -> String {
    shown(&path.display().to_string(), 400)
}

/// Name and text of every scenario that is built in, sorted by name; names are like
/// `registration/first-call`.
pub fn corpus() -> impl Iterator<Item = (&'static str, &'static str)> {
    CORPUS.iter().copied()
}

/// A file of a corpus: its name, and its text or why there is none.
pub type CorpusFile = (String, Result<String, CorpusError>);

/// The text of one scenario file.
pub fn read_file(path: &Path) -> Result<String, CorpusError> {
    read(path, &path.display().to_string())?.map_err(|fault| CorpusError::Invalid(vec![fault]))
}

/// Reads one scenario from a file.
pub fn load(path: &Path) -> Result<Scenario, CorpusError> {
    let name = path.display().to_string();
    let text = read(path, &name)?.map_err(|fault| CorpusError::Invalid(vec![fault]))?;
    parse(&name, &text).map_err(CorpusError::Invalid)
}

/// Name and text of every `.toml` file in a folder and the folders in it, sorted by name.
///
/// # Errors
/// The first thing that keeps a file from being read, or all that are no texts.
pub fn corpus_dir(path: &Path) -> Result<Vec<(String, String)>, CorpusError> {
    let mut texts = Vec::new();
    let mut faults = Vec::new();
    for (name, text) in corpus_files(path)? {
        match text {
            Ok(text) => texts.push((name, text)),
            Err(CorpusError::Invalid(found)) => faults.extend(found),
            Err(error) => return Err(error),
        }
    }
    if faults.is_empty() { Ok(texts) } else { Err(CorpusError::Invalid(faults)) }
}

/// Name of every `.toml` file in a folder and the folders in it, sorted by name, with its text or
/// what keeps it from being read.
///
/// # Errors
/// When the folder or a folder in it cannot be listed, or holds no such file.
pub fn corpus_files(path: &Path) -> Result<Vec<CorpusFile>, CorpusError> {
    let root = path.canonicalize().map_err(unreadable(path))?;
    let mut files = Vec::new();
    walk(&root, path, "", 0, &mut files)?;
    if files.is_empty() {
        return Err(CorpusError::Empty { path: path.to_owned() });
    }
    files.sort();
    Ok(files.into_iter().map(|(name, file)| (name, read_file(&file))).collect())
}

fn walk(
    root: &Path,
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), CorpusError> {
    if FOLDER_DEPTH_MAX < depth {
        return Err(CorpusError::TooDeep { path: folder.to_owned() });
    }
    for entry in folder.read_dir().map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let bytes = path.file_name().unwrap_or_default().as_encoded_bytes();
        let ends = bytes.len().checked_sub(EXTENSION.len()).map(|at| bytes.split_at(at).1);
        let is_scenario = ends.is_some_and(|end| end.eq_ignore_ascii_case(EXTENSION.as_bytes()));
        if !is_scenario && !path.is_dir() {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| *name != EXTENSION) else {
            return Err(CorpusError::Unnamed { path });
        };
        let stem = name.strip_suffix(EXTENSION);
        if is_scenario && stem.is_none() && !path.is_dir() {
            return Err(CorpusError::Unnamed { path });
        }
        let real = path.canonicalize().map_err(unreadable(&path))?;
        if !real.starts_with(root) {
            return Err(CorpusError::Outside { path });
        }
        if real.is_dir() {
            walk(root, &path, &format!("{prefix}{name}/"), depth + 1, files)?;
        } else if let Some(stem) = stem {
            files.push((format!("{prefix}{stem}"), path.clone()));
        }
    }
    Ok(())
}

/// The text of a file; not a byte more is read than a scenario may have.
fn read(path: &Path, name: &str) -> Result<Result<String, Diagnostic>, CorpusError> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let metadata = path.metadata().map_err(unreadable(path))?;
    if !metadata.is_file() {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "not a file");
        return Err(CorpusError::Unreadable { path: path.to_owned(), source });
    }
    let file = File::open(path).map_err(unreadable(path))?;
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable(path))?;
    if FILE_BYTES_MAX < bytes.len() {
        return Ok(Err(syntax::too_large(name, metadata.len().max(limit))));
    }
    Ok(syntax::text(name, bytes))
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> CorpusError {
    let path = path.to_owned();
    |source| CorpusError::Unreadable { path, source }
}
