//! Embeds the corpus: every `corpus/**/*.toml`, sorted by name.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=corpus");
    let mut names = Vec::new();
    walk(Path::new("corpus"), "", &mut names);
    names.sort();
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets the folder of the package");
    let mut text = String::from("&[\n");
    for name in names {
        let path = PathBuf::from(&root).join("corpus").join(format!("{name}.toml"));
        let path = path.to_str().expect("the path is UTF-8");
        writeln!(text, "    ({name:?}, include_str!({path:?})),").expect("writing to a string");
    }
    text.push(']');
    let out = std::env::var("OUT_DIR").expect("cargo sets the folder for what is generated");
    std::fs::write(Path::new(&out).join("corpus.rs"), text).expect("write corpus.rs");
}

fn walk(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).expect("read the corpus") {
        let path = entry.expect("read the corpus").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("names are UTF-8").to_owned();
        if path.is_dir() {
            walk(&path, &format!("{prefix}{name}/"), names);
        } else if let Some(stem) = name.strip_suffix(".toml") {
            names.push(format!("{prefix}{stem}"));
        }
    }
}
