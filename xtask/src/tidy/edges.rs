//! Dependencies between the packages of the repository point one way.
//!
//! Only normal dependencies count; tests may look across.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Diagnostic;
use super::tree::Tree;

/// All packages of the repository, and the ones that each may depend on.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("rtm-sim", &[]),
    ("rtm-abi", &[]),
    ("rtm-scenarios", &["rtm-sim"]),
    ("rtm-snapshots", &["rtm-sim"]),
    ("rtm-reference", &["rtm-sim", "rtm-abi"]),
    ("rtm-conformance", &["rtm-sim", "rtm-scenarios", "rtm-snapshots", "rtm-abi"]),
    (
        "xtask",
        &[
            "rtm-sim",
            "rtm-abi",
            "rtm-scenarios",
            "rtm-snapshots",
            "rtm-reference",
            "rtm-conformance",
        ],
    ),
    // Benchmarked against, never built with the project.
    ("peers", &[]),
];

/// Where renamed dependencies of the whole workspace are found.
const ROOT_MANIFEST: &str = "Cargo.toml";

/// Each dependency on a package of the repository is in the table of allowed ones.
pub fn dependencies(tree: &Tree) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut manifests = BTreeMap::new();
    for (path, text) in tree.files() {
        if path.rsplit('/').next() != Some("Cargo.toml") {
            continue;
        }
        match DeTable::parse(text) {
            Ok(table) => drop(manifests.insert(path, (text, table.into_inner()))),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, span));
                diagnostics.push(Diagnostic::new(path, line, error.message()));
            }
        }
    }
    let shared = manifests.get(ROOT_MANIFEST).and_then(|(_, root)| {
        let workspace = root.get("workspace")?.get_ref();
        workspace.get("dependencies")?.get_ref().as_table()
    });
    for (path, (text, manifest)) in &manifests {
        diagnostics.extend(check_package(path, text, manifest, shared));
    }
    diagnostics
}

fn check_package(
    path: &str,
    text: &str,
    manifest: &DeTable<'_>,
    shared: Option<&DeTable<'_>>,
) -> Vec<Diagnostic> {
    let package = manifest.get("package").and_then(|package| package.get_ref().get("name"));
    let Some((name, span)) = package.and_then(|name| Some((name.get_ref().as_str()?, name.span())))
    else {
        return Vec::new();
    };
    let Some((_, allowed)) = ALLOWED.iter().find(|(package, _)| *package == name) else {
        let message = format!("package `{name}` is not in the table of xtask/src/tidy/edges.rs");
        return vec![Diagnostic::new(path, line_of(text, span), message)];
    };
    let mut diagnostics = Vec::new();
    for (key, value) in normal_dependencies(manifest) {
        let dependency = package_name(key.get_ref(), value.get_ref(), shared);
        let ours = ALLOWED.iter().any(|(package, _)| *package == dependency);
        if ours && !allowed.contains(&dependency) {
            let message = format!("`{name}` must not depend on `{dependency}`");
            diagnostics.push(Diagnostic::new(path, line_of(text, key.span()), message));
        }
    }
    diagnostics
}

type Entry<'a, 'i> = (&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>);

/// What `[dependencies]` lists, for all targets and for some.
fn normal_dependencies<'a, 'i>(manifest: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let targets = manifest.get("target").and_then(|targets| targets.get_ref().as_table());
    let by_target = targets.into_iter().flat_map(|targets| targets.values());
    let by_target = by_target.filter_map(|target| target.get_ref().get("dependencies"));
    let tables = manifest.get("dependencies").into_iter().chain(by_target);
    tables.filter_map(|table| table.get_ref().as_table()).flatten().collect()
}

/// The package behind a dependency, which may go by another name.
fn package_name<'a>(
    key: &'a str,
    value: &'a DeValue<'_>,
    shared: Option<&'a DeTable<'_>>,
) -> &'a str {
    let renamed = |value: &'a DeValue<'_>| value.get("package")?.get_ref().as_str();
    let inherited = || renamed(shared?.get(key)?.get_ref());
    let inherits = value.get("workspace").is_some();
    let name = if inherits { inherited() } else { renamed(value) };
    name.unwrap_or(key)
}

fn line_of(text: &str, span: Range<usize>) -> usize {
    text[..span.start].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_tree;
    use super::*;

    const WRONG: &str = "x/Cargo.toml:4: error: `rtm-scenarios` must not depend on `rtm-abi`";

    #[test]
    fn edges_point_one_way() {
        let check = |tables: &str, expect: &[&str]| {
            let text = format!("[package]\nname = \"rtm-scenarios\"\n{tables}\n");
            check_tree(dependencies, &[("x/Cargo.toml", &text)], expect);
        };
        check("", &[]);
        check("[dependencies]\nrtm-sim.workspace = true\ntoml = \"1\"", &[]);
        check("[dev-dependencies]\nrtm-abi.workspace = true", &[]);
        check("[dependencies]\nrtm-abi.workspace = true", &[WRONG]);
        check("[dependencies]\nabi = { package = \"rtm-abi\", path = \"../abi\" }", &[WRONG]);
        check("[target.'cfg(unix)'.dependencies]\nrtm-abi = { path = \"../abi\" }", &[WRONG]);
        check("[dependencies.rtm-abi]\npath = \"../abi\"", &[&WRONG.replace(":4:", ":3:")]);
    }

    #[test]
    fn names_of_the_workspace_are_looked_up() {
        let root = "[workspace.dependencies]\nabi = { package = \"rtm-abi\", path = \"abi\" }\n";
        let package = "[package]\nname = \"rtm-scenarios\"\n[dependencies]\nabi.workspace = true\n";
        let files = [("Cargo.toml", root), ("x/Cargo.toml", package)];
        check_tree(dependencies, &files, &[WRONG]);
    }

    #[test]
    fn every_package_is_known() {
        let check = |text, expect: &[&str]| {
            check_tree(dependencies, &[("x/Cargo.toml", text)], expect);
        };
        check("[workspace]\n", &[]);
        check("[package]\nname = \"xtask\"\n[dependencies]\nrtm-reference.path = \"..\"\n", &[]);
        check(
            "[package]\nname = \"xtask\"\n[dependencies]\npeers.path = \"peers\"\n",
            &["x/Cargo.toml:4: error: `xtask` must not depend on `peers`"],
        );
        let unknown = "x/Cargo.toml:2: error: \
                       package `new` is not in the table of xtask/src/tidy/edges.rs";
        check("[package]\nname = \"new\"\n", &[unknown]);
    }

    #[test]
    fn wrong_toml_is_told() {
        let tree = Tree::from_files(&[("x/Cargo.toml", "[package]\nname = \n")]);
        let diagnostics = dependencies(&tree);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!((diagnostics[0].path.as_str(), diagnostics[0].line), ("x/Cargo.toml", 2));
    }
}
