//! The files that rules look at, loaded once.
//!
//! Not here: binary files, what `.gitignore` excludes, symbolic links and submodules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// Text files by their path from the root of the repository, with `/` between the parts.
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads what git tracks below `root`, and what it would track if it were added.
    pub fn load(root: &Path) -> anyhow::Result<Tree> {
        let mut files = BTreeMap::new();
        for path in list(root)? {
            let full = root.join(&path);
            // A tracked file that was deleted is still listed.
            if !full.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
                continue;
            }
            let bytes = fs::read(&full).with_context(|| format!("failed to read {path}"))?;
            if !bytes.contains(&0) {
                files.insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(Tree { files })
    }

    /// Path and text of each file, in order.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Paths below `folder` that end with `suffix`, both cut off.
    pub fn stems<'a>(&'a self, folder: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        let paths = self.files.keys();
        paths.filter_map(move |path| path.strip_prefix(folder)?.strip_suffix(suffix))
    }

    /// Whether there is a text file at `path`.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    #[cfg(test)]
    pub fn from_files(files: &[(&str, &str)]) -> Tree {
        let owned = |&(path, text): &(&str, &str)| (path.to_owned(), text.to_owned());
        Tree { files: files.iter().map(owned).collect() }
    }
}

fn list(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("failed to run git; is it installed?")?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "failed to list files: {}", message.trim_end());
    let paths = String::from_utf8(output.stdout).context("a path is not UTF-8; rename it")?;
    Ok(paths.split_terminator('\0').map(String::from).collect())
}
