//! Where scenarios come from.

use std::fs;

use rtm_scenarios::{Code, CorpusError, corpus, corpus_dir, load, parse, report};

#[test]
fn the_corpus_is_right() {
    let names: Vec<&str> = corpus().map(|(name, _)| name).collect();
    assert!(names.is_sorted());
    assert!(names.contains(&"readme") && names.contains(&"registration/first-call"));
    for (name, text) in corpus() {
        if let Err(found) = parse(name, text) {
            panic!("{}", report(&found, false));
        }
    }
}

#[test]
fn folders_are_read_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    assert!(matches!(corpus_dir(path), Err(CorpusError::Empty { .. })));
    assert!(matches!(corpus_dir(&path.join("none")), Err(CorpusError::Unreadable { .. })));
    fs::create_dir(path.join("b")).expect("a folder");
    for name in ["b/x.toml", "c.toml", "a.toml", "note.md"] {
        fs::write(path.join(name), name).expect("a file");
    }
    let found = corpus_dir(path).expect("all can be read");
    let expect = [("a", "a.toml"), ("b/x", "b/x.toml"), ("c", "c.toml")];
    assert_eq!(found, expect.map(|(name, text)| (String::from(name), String::from(text))));
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("big.toml"), vec![b'#'; 1024 * 1024 + 1]).expect("a file");
    fs::write(folder.path().join("bytes.toml"), b"format = 1\ntitle = \"\xff\"\n").expect("a file");
    let Err(CorpusError::Invalid(found)) = corpus_dir(folder.path()) else {
        panic!("two files are invalid");
    };
    let codes: Vec<Code> = found.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::FileTooLarge, Code::NotUtf8]);
    assert_eq!((found[1].line, found[1].column), (2, 10));
    assert_eq!(found[1].message, "byte 20 does not belong to UTF-8 text");
    assert!(found[1].render(false).contains("title = \""));
    for name in ["big.toml", "bytes.toml"] {
        let error = load(&folder.path().join(name)).expect_err("the file is invalid");
        assert!(matches!(error, CorpusError::Invalid(_)));
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).expect("a folder");
    fs::write(folder.path().join("secret.toml"), "format = 1").expect("a file");
    symlink(folder.path().join("secret.toml"), inside.join("a.toml")).expect("a link");
    assert!(matches!(corpus_dir(&inside), Err(CorpusError::Outside { .. })));
    fs::remove_file(inside.join("a.toml")).expect("the link goes");
    symlink(&inside, inside.join("round")).expect("a link");
    assert!(matches!(corpus_dir(&inside), Err(CorpusError::TooDeep { .. })));
}

#[test]
fn one_file_is_loaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.toml");
    fs::write(&path, "format = 1\ntitle = \"t\"\nclient.rip = { protocol = 8 }\n").expect("a file");
    assert_eq!(load(&path).expect("the file is right").title, "t");
    let error = load(folder.path()).expect_err("a folder is no file");
    assert!(matches!(error, CorpusError::Unreadable { .. }));
}
