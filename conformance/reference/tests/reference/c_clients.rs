//! Clients written in C, compiled against two headers and run against the shared library.
//!
//! One walks through all that clients usually do; the others are what the public guide has samples
//! for, in words of our own, each under the name of its page.
//!
//! The library is the one that cargo has built for these tests: it stands beside this program, in
//! `target/<profile>/deps`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where Debian's package mingw-w64-common puts the header of that project.
const MINGW_INCLUDE: &str = "/usr/share/mingw-w64/include";

/// Each client, and what it prints when every check holds.
const CLIENTS: &[(&str, &str)] = &[
    (
        "walk",
        "\
registered: protocol 13
profile: 10 handles, 4 next hops, 2 views
updated: preference 120
destinations: 7 in 3 sets
routes: 3
next hops: 3
expired: metric 5
expired: metric 6
deregistered: protocol 13
",
    ),
    ("guide/access-the-opaque-pointer-in-a-destination", "visits: 2 0 1\n"),
    ("guide/add-and-update-routes-using-rtmaddroutetodest", ""),
    ("guide/enumerate-all-destinations", "destinations: 25\n"),
    ("guide/enumerate-all-routes", "routes: 12\n"),
    ("guide/enumerate-the-registered-entities", "clients: 2\n"),
    ("guide/obtain-and-call-the-exported-methods-for-a-client", "twice 21 is 42\n"),
    ("guide/register-for-change-notification", "changed: 3, of these gone: 1\nwaited: 2\n"),
    ("guide/register-with-the-routing-table-manager", "views: 2\n"),
    (
        "guide/search-for-routes-using-rtmgetmostspecificdestination-\
         and-rtmgetlessspecificdestination",
        "prefixes: 4\n",
    ),
    ("guide/update-a-route-in-place-using-rtmupdateandunlockroute", ""),
    ("guide/use-a-client-specific-route-list", "moved: 25\nleft: 0\non the other list: 25\n"),
    ("guide/use-the-event-notification-callback", "expired: 2, changed: 3\n"),
    ("guide/use-the-route-hold-down-state", "held: 0 1 0\n"),
];

/// What every client prints at its end.
const SUCCESS: &str = "checks failed: 0\n";

fn library_directory() -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    let directory = program.parent().expect("a program stands in a directory");
    let library = format!("{}rtm_reference{}", std::env::consts::DLL_PREFIX, DLL_SUFFIX);
    assert!(directory.join(&library).exists(), "no {library} in {}", directory.display());
    directory.to_path_buf()
}

use std::env::consts::DLL_SUFFIX;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
}

/// Compiles a client, with `header` in the name of its program, and runs it.
fn check(client: &str, header: &str, arguments: &[&str], wanted: &str) {
    let libraries = library_directory();
    let name = format!("{}-{header}", client.replace('/', "-"));
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let compiled = run(Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-g"])
        .args(arguments)
        .arg(package().join(format!("tests/c/{client}.c")))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&libraries)
        .arg("-lrtm_reference"));
    let messages = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{client} does not compile:\n{messages}");
    let ran = run(Command::new(&program)
        .env("LD_LIBRARY_PATH", &libraries)
        .env_remove("RTM_REFERENCE_READINGS"));
    let printed = String::from_utf8_lossy(&ran.stdout);
    let noise = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(printed, format!("{wanted}{SUCCESS}"), "{client}, stderr: {noise}");
    assert!(ran.status.success(), "{client}: {}; stderr: {noise}", ran.status);
}

#[test]
fn clients_with_our_header() {
    let include = package().join("../abi/include");
    let include = include.to_str().expect("the path is UTF-8");
    for (client, wanted) in CLIENTS {
        check(client, "own-header", &["-std=c11", "-I", include], wanted);
    }
}

#[test]
fn clients_with_the_header_of_mingw_w64() {
    let header = Path::new(MINGW_INCLUDE).join("rtmv2.h");
    if !header.exists() {
        let demanded = std::env::var_os("RTM_DEMAND_MINGW").is_some_and(|value| value == "1");
        assert!(!demanded, "no {}; install the package mingw-w64-common", header.display());
        println!("skipped: no {} (package mingw-w64-common)", header.display());
        return;
    }
    let shim = package().join("tests/c/windows-shim");
    let shim = shim.to_str().expect("the path is UTF-8");
    // Its directory is searched last: it holds a whole C library for another system. Its address
    // macros write four octets through a pointer to a number.
    let arguments = [
        "-std=gnu11",
        "-fno-strict-aliasing",
        "-DCLIENT_FOREIGN_HEADER",
        "-I",
        shim,
        "-idirafter",
        MINGW_INCLUDE,
    ];
    for (client, wanted) in CLIENTS {
        check(client, "mingw-header", &arguments, wanted);
    }
}

/// Each program in the folder is one of those that are run.
#[test]
fn no_client_is_forgotten() {
    let folder = package().join("tests/c/guide");
    let listed = std::fs::read_dir(folder).expect("the folder can be read");
    for file in listed {
        let path = file.expect("the folder can be read").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("the name is UTF-8");
        let name = format!("guide/{stem}");
        assert!(CLIENTS.iter().any(|(client, _)| *client == name), "{name} is not run");
    }
}

#[test]
fn readings_that_cannot_be_understood_stop_registration() {
    let libraries = library_directory();
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join("register.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("register");
    let text = "#include \"rtmv2.h\"\n\
        int main(void) { RTM_ENTITY_INFO i = {0}; RTM_REGN_PROFILE p; RTM_ENTITY_HANDLE h = 0;\n\
        i.AddressFamily = AF_INET;\n\
        if (RtmRegisterEntity(&i, 0, 0, FALSE, &p, &h) != ERROR_BAD_CONFIGURATION) return 1;\n\
        if (RtmRegisterEntity(&i, 0, 0, FALSE, &p, &h) != ERROR_BAD_CONFIGURATION) return 2;\n\
        return h == 0 ? 0 : 3; }\n";
    std::fs::write(&source, text).expect("the directory of the tests is writable");
    let compiled = run(Command::new("cc")
        .arg("-I")
        .arg(package().join("../abi/include"))
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&libraries)
        .arg("-lrtm_reference"));
    let messages = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "the client does not compile:\n{messages}");
    let ran = run(Command::new(&program)
        .env("LD_LIBRARY_PATH", &libraries)
        .env("RTM_REFERENCE_READINGS", "RtmNothing.at-all=never"));
    let noise = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{}: {noise}", ran.status);
    assert_eq!(noise.lines().count(), 1, "{noise}");
    assert!(noise.contains("RTM_REFERENCE_READINGS"), "{noise}");
}
