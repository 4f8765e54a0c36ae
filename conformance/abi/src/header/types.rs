//! C text of Rust types, for members and parameters.
//!
//! Only the forms that the tables use are understood; any other is a bug here and panics.

use crate::types::{ALIASES, HANDLES, STRUCTURES};

/// Types that are in no table.
const OTHERS: &[(&str, &str)] = &[
    ("u8", "UCHAR"),
    ("u16", "USHORT"),
    ("u32", "DWORD"),
    ("u64", "ULONGLONG"),
    // Every parameter of this type is a truth value.
    ("i32", "BOOL"),
    ("c_char", "char"),
    ("c_void", "void"),
    ("EntityId", "RTM_ENTITY_ID"),
    ("EventCallback", "RTM_EVENT_CALLBACK"),
    ("EntityExportMethod", "RTM_ENTITY_EXPORT_METHOD"),
    ("FileTime", "FILETIME"),
    ("In6Addr", "IN6_ADDR"),
];

/// Declares a member or parameter of a Rust type.
///
/// The text is what `stringify!` made of the type, whose blanks differ between compilers.
pub(super) fn declaration(type_name: &str, c_name: &str) -> String {
    if let Some(array) = type_name.strip_prefix('[') {
        let (element, length) = array
            .strip_suffix(']')
            .and_then(|array| array.split_once(';'))
            .unwrap_or_else(|| panic!("no array type: {type_name}"));
        return format!("{}[{}]", declaration(element.trim(), c_name), length.trim());
    }
    let mut rest: &str = type_name;
    let mut stars = String::new();
    while let Some(target) = pointer_target(rest) {
        rest = target;
        stars.push('*');
    }
    match (name_in_c(rest), stars.as_str()) {
        ("void", "*") => format!("PVOID {c_name}"),
        ("void", "**") => format!("PVOID *{c_name}"),
        ("char", "*") => format!("const char *{c_name}"),
        (name, _) => format!("{name} {stars}{c_name}"),
    }
}

fn pointer_target(type_name: &str) -> Option<&str> {
    let target: &str = type_name.strip_prefix('*')?.trim_start();
    let target: &str = target.strip_prefix("mut ").or_else(|| target.strip_prefix("const "))?;
    Some(target.trim_start())
}

/// The C name of a Rust type without pointers, given with or without its path.
pub(super) fn name_in_c(type_name: &str) -> &'static str {
    let name: &str = type_name.rsplit("::").next().unwrap_or(type_name).trim();
    let aliases = ALIASES.iter().map(|alias| (alias.rust_name, alias.c_name));
    let handles = HANDLES.iter().map(|handle| (handle.rust_name, handle.c_name));
    let structures = STRUCTURES.iter().map(|item| (item.rust_name, item.c_name));
    let mut names = aliases.chain(handles).chain(structures).chain(OTHERS.iter().copied());
    match names.find(|(rust_name, _)| *rust_name == name) {
        Some((_, c_name)) => c_name,
        None => panic!("no C name for the type {type_name}"),
    }
}
