//! The C header: committed text, layout and prototypes as C and C++ compilers see them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rtm_abi::constants::CONSTANTS;
use rtm_abi::header::{HEADER_PATH, header};
use rtm_abi::types::STRUCTURES;

/// The root of this package.
fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn committed_header_is_fresh() {
    let path: PathBuf = package().join("../..").join(HEADER_PATH);
    let committed: String = fs::read_to_string(&path).expect("the header is committed");
    let printed: String = header();
    let first_difference = committed
        .lines()
        .zip(printed.lines())
        .position(|(committed, printed)| committed != printed)
        .unwrap_or_else(|| committed.lines().count().min(printed.lines().count()));
    assert!(
        committed == printed,
        "{HEADER_PATH}:{}: error: stale; run `cargo xtask codegen`",
        first_difference + 1
    );
}

/// Runs a compiler on a file of `tests/`, with all warnings as errors.
fn compile(compiler: &str, arguments: &[&str], file: &str) -> Output {
    Command::new(compiler)
        .args(arguments)
        .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
        .arg(package().join("include"))
        .arg(package().join("tests").join(file))
        .output()
        .unwrap_or_else(|error| panic!("failed to run {compiler}: {error}"))
}

/// Whether a compiler is there and understands the arguments; says why not.
fn usable(compiler: &str, arguments: &[&str]) -> bool {
    let probe = Command::new(compiler).args(arguments).args(["-E", "/dev/null"]).output();
    match probe {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            let reason = String::from_utf8_lossy(&output.stderr);
            println!("skipped {compiler} {arguments:?}: {}", reason.trim());
            false
        }
        Err(error) => {
            println!("skipped {compiler} {arguments:?}: {error}");
            false
        }
    }
}

fn check(compiler: &str, arguments: &[&str], file: &str) {
    let output: Output = compile(compiler, arguments, file);
    assert!(
        output.status.success(),
        "{compiler} {arguments:?} {file}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const C11: &[&str] = &["-x", "c", "-std=c11", "-fsyntax-only"];
const CPP11: &[&str] = &["-x", "c++", "-std=c++11", "-fsyntax-only"];

/// Freestanding, because the headers of the C library may be there for one size only.
const C11_32_BITS: &[&str] = &["-x", "c", "-std=c11", "-m32", "-ffreestanding", "-fsyntax-only"];

#[test]
fn c_agrees() {
    check("cc", C11, "layout.c");
    check("cc", C11, "prototypes.c");
}

#[test]
fn cpp_agrees() {
    if usable("c++", CPP11) {
        check("c++", CPP11, "layout.c");
        check("c++", CPP11, "prototypes.c");
    }
}

#[test]
fn c_with_32_bits_agrees() {
    if usable("cc", C11_32_BITS) {
        check("cc", C11_32_BITS, "layout.c");
        check("cc", C11_32_BITS, "prototypes.c");
    }
}

#[test]
fn base_types_of_others_are_left_alone() {
    // A set of Windows types with other definitions of the same width.
    let arguments: Vec<&str> = [C11, &["-include"]].concat();
    let shim: PathBuf = package().join("tests/other-base-types.h");
    let shim: &str = shim.to_str().expect("the path is UTF-8");
    check("cc", &[&arguments[..], &[shim]].concat(), "layout.c");
}

#[test]
fn address_macros_work() {
    let program: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("address");
    let program: &str = program.to_str().expect("the path is UTF-8");
    check("cc", &["-std=c11", "-o", program], "address.c");
    let status = Command::new(program).status().expect("the program runs");
    assert!(status.success(), "tests/address.c: error: check failed, line is the code: {status}");
}

#[test]
fn layout_file_is_complete() {
    let path: PathBuf = package().join("tests/layout.c");
    let text: String = fs::read_to_string(path).expect("the file is there");
    let mut found: BTreeSet<String> = BTreeSet::new();
    for line in text.lines() {
        let Some((check, rest)) = line.split_once('(') else { continue };
        let words: Vec<&str> = rest.split(',').map(str::trim).collect();
        match (check, words.as_slice()) {
            ("VALUE", [name, ..]) | ("LAYOUT", [name, ..]) => found.insert((*name).to_owned()),
            ("OFFSET", [name, member, ..]) => found.insert(format!("{name}.{member}")),
            _ => continue,
        };
    }
    let members = STRUCTURES.iter().flat_map(|structure| {
        let names = structure.members.iter().map(|member| member.c_name);
        names.map(|name| format!("{}.{name}", structure.c_name))
    });
    let constants = CONSTANTS.iter().map(|(name, _)| (*name).to_owned());
    let structures = STRUCTURES.iter().map(|structure| structure.c_name.to_owned());
    let missing: Vec<String> =
        members.chain(constants).chain(structures).filter(|name| !found.contains(name)).collect();
    assert!(missing.is_empty(), "tests/layout.c: error: not checked: {missing:?}");
}
