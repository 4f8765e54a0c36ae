//! Folders of scenarios that cannot be read.

use super::Case;
use super::run::{Folder, Outcome, check};

pub const CASES: &[Case] = &[
    ("corpus_missing", |f| all(f, &["error: failed to read c: "])),
    ("corpus_empty", |f| {
        f.folder("c");
        all(f, &["failed to find a scenario in c: it holds no .toml file"])
    }),
    ("corpus_is_a_file", |f| {
        f.write("c", "");
        all(f, &["error: failed to read c: "])
    }),
    ("corpus_unreadable", |f| {
        // A link to itself cannot be read by anybody.
        let folder = f.folder("c");
        std::os::unix::fs::symlink("a.toml", folder.join("a.toml")).expect("a link can be made");
        all(f, &["error: failed to read c/a.toml: "])
    }),
    ("corpus_with_a_name_that_is_none", |f| {
        use std::os::unix::ffi::OsStrExt as _;
        f.write("c/good.toml", super::files::GOOD);
        for name in [&b"bad\xff.toml"[..], b".toml", b"UP.TOML"] {
            let file = f.folder("c").join(std::ffi::OsStr::from_bytes(name));
            std::fs::write(&file, super::files::GOOD).expect("a file can be written");
            all(
                f,
                &["error: failed to name c/", ": scenarios are called `<name>.toml`, in UTF-8"],
            )?;
            std::fs::remove_file(&file).expect("it can be removed");
        }
        Ok(())
    }),
    ("corpus_leads_out", |f| {
        let folder = f.folder("c");
        f.write("outside.toml", "");
        let link = folder.join("a.toml");
        std::os::unix::fs::symlink("../outside.toml", link).expect("a link can be made");
        all(f, &["c/a.toml leads out of it"])
    }),
    ("corpus_with_two_bad_files", |f| {
        f.write("c/a.toml", "x =\n");
        f.write("c/b/c.toml", "format = 7\n");
        f.write("c/good.toml", super::files::GOOD);
        all(f, &["failed to read 2 scenarios:\n", "--> c/a.toml:1:", "--> c/b/c.toml:1:"])?;
        check(f, "check c", 104, &["--> c/a.toml:1:", "3 scenarios checked, 2 with mistakes"])
    }),
    ("corpus_with_invalid_text", |f| {
        f.write("c/a.toml", [b'#', 0xFF, b'\n']);
        all(f, &["failed to read the corpus:\n", "c/a.toml"])
    }),
    ("corpus_that_claims_too_much", |f| {
        let claims = "clauses = [\"RtmDeleteNextHop.removed-from-list\"]\n[client";
        f.write("c/a.toml", super::files::GOOD.replacen("[client", claims, 1));
        all_but_list(f, &["the model never cites the clause", "rely on the corpus"])
    }),
    ("corpus_good", |f| {
        f.write("c/good.toml", super::files::GOOD);
        check(f, "conform --corpus c", 0, &["1 passed, 0 failed"])?;
        check(f, "list --corpus c", 0, &["good "])
    }),
];

fn all_but_list(folder: &Folder, pieces: &[&str]) -> Outcome {
    for line in ["conform --corpus c", "conform --list --corpus c", "profile --corpus c"] {
        check(folder, line, 104, pieces)?;
    }
    Ok(())
}

fn all(folder: &Folder, pieces: &[&str]) -> Outcome {
    all_but_list(folder, pieces)?;
    check(folder, "list --corpus c", 104, pieces)
}
