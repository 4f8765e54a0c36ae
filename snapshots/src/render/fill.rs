//! Filling lines: a long call goes on behind one of its commas on the next line.

/// Column that a line should not pass.
const WIDTH: usize = 100;

/// The text at `indent`; further lines are indented by `hang` more.
pub fn filled(text: &str, indent: usize, hang: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(indent);
    let mut is_first = true;
    for part in text.split_inclusive(", ") {
        let width = line.chars().count() + part.trim_end().chars().count();
        if !is_first && WIDTH < width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = " ".repeat(indent + hang);
        }
        line.push_str(part);
        is_first = false;
    }
    lines.push_str(line.trim_end());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_behind_commas() {
        assert_eq!(filled("f(a, b)", 2, 4), "  f(a, b)");
        let long = format!("f({}, {}, c)", "a".repeat(60), "b".repeat(60));
        let expect = format!("  f({},\n      {}, c)", "a".repeat(60), "b".repeat(60));
        assert_eq!(filled(&long, 2, 4), expect);
        let whole = "x".repeat(200);
        assert_eq!(filled(&whole, 0, 4), whole);
    }
}
