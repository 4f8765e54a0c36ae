//! The figures of the coverage, for a terminal, for a page of text, or for a browser.

use std::fmt::Write as _;

use rtm_sim::clause::{ClauseId, Strength};

use super::{Coverage, Form, Standing};

const STRENGTHS: [Strength; 3] = [Strength::Stated, Strength::Implied, Strength::Silent];

/// Everything that is printed.
pub fn page(coverage: &Coverage, form: Form) -> String {
    match form {
        Form::Text => text(coverage),
        Form::Markdown => markdown(coverage),
        Form::Html => html(coverage),
    }
}

/// Cited, of all: `12/14`.
fn share(part: &Coverage, strength: Strength) -> String {
    let all = part.clauses.iter().filter(|(id, _)| id.strength() == strength).count();
    let cited = [Standing::Cited, Standing::Proven].map(|s| part.count(Some(strength), s));
    if all == 0 { String::from("-") } else { format!("{}/{all}", cited.iter().sum::<usize>()) }
}

/// The row of a function, or of all.
fn row(name: &str, part: &Coverage) -> [String; 8] {
    let count = |standing| part.count(None, standing).to_string();
    let [stated, implied, silent] = STRENGTHS.map(|strength| share(part, strength));
    [
        name.to_owned(),
        stated,
        implied,
        silent,
        count(Standing::Proven),
        count(Standing::Client),
        count(Standing::Unobservable),
        count(Standing::Missing),
    ]
}

const HEAD: [&str; 8] =
    ["function", "stated", "implied", "silent", "proven", "client", "unseen", "missing"];

fn rows(coverage: &Coverage) -> Vec<[String; 8]> {
    let parts = coverage.by_function();
    let mut rows: Vec<_> = parts.iter().map(|(name, part)| row(name, part)).collect();
    rows.push(row("all", coverage));
    rows
}

fn text(coverage: &Coverage) -> String {
    let mut text = String::from("cited of all, by function and strength\n");
    let head = HEAD.map(str::to_owned);
    for [name, cells @ ..] in [head].into_iter().chain(rows(coverage)) {
        let _ = write!(text, "{name:<44}");
        for cell in cells {
            let _ = write!(text, " {cell:>9}");
        }
        text.push('\n');
    }
    for (id, _) in coverage.clauses.iter().filter(|(_, s)| *s == Standing::Missing) {
        let _ = writeln!(text, "missing: {}{id}", id.strength().mark());
    }
    for strength in STRENGTHS {
        let count = |standing| coverage.count(Some(strength), standing);
        let proven = count(Standing::Proven);
        let (word, cited) = (strength.word(), count(Standing::Cited) + proven);
        let (client, unseen) = (count(Standing::Client), count(Standing::Unobservable));
        let _ = match strength {
            Strength::Silent => {
                let left = count(Standing::Unshown);
                writeln!(text, "{word}: {cited} cited, {left} not shown")
            }
            _ => writeln!(
                text,
                "{word}: {cited} cited, {proven} of them proven, {client} bind the caller, \
                 {unseen} cannot be seen, {} missing",
                count(Standing::Missing)
            ),
        };
    }
    text
}

fn markdown(coverage: &Coverage) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&HEAD.map(str::to_owned));
    text += &format!("| --- |{}\n", " ---: |".repeat(HEAD.len() - 1));
    rows(coverage).iter().for_each(|row| text += &line(row));
    let unseen: Vec<(ClauseId, &str)> = coverage.clauses.iter().filter_map(unseen).collect();
    if !unseen.is_empty() {
        text += "\nWhat the interface does not show:\n\n";
    }
    for (id, reason) in unseen {
        let _ = writeln!(text, "* `{}{id}`: {reason}", id.strength().mark());
    }
    text
}

/// A clause that cannot be seen, and why.
fn unseen((id, standing): &(ClauseId, Standing)) -> Option<(ClauseId, &'static str)> {
    let reason = id.clause().unobservable.filter(|_| *standing == Standing::Unobservable)?;
    Some((*id, reason))
}

fn html(coverage: &Coverage) -> String {
    let mut text = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Coverage of the \
         RTMv2 clauses</title>\n<style>\nbody { font: 15px/1.5 system-ui, sans-serif; margin: 2em \
         auto; max-width: 70em; padding: 0 1em; color-scheme: light dark }\ntable { \
         border-collapse: collapse; width: 100% }\ntd, th { padding: .2em .6em; border-bottom: \
         1px solid #8884; text-align: right }\ntd:first-child, th:first-child { text-align: left \
         }\nli { margin: .2em 0 } code { font-size: .95em }\n.missing { color: #c22; font-weight: \
         bold }\n.proven { color: #283 }\n</style>\n<h1>Coverage of the RTMv2 clauses</h1>\n\
         <p>Measured: a clause is cited when an observation of the corpus carries it on the \
         model; it is proven when a fault that breaks it is caught and the difference cites \
         it.</p>\n<table>\n<tr>",
    );
    HEAD.iter().for_each(|cell| text += &format!("<th>{cell}</th>"));
    text += "</tr>\n";
    for [name, cells @ ..] in rows(coverage) {
        let _ = write!(text, "<tr><td><a href=\"#{name}\">{name}</a></td>");
        cells.iter().for_each(|cell| text += &format!("<td>{cell}</td>"));
        text += "</tr>\n";
    }
    text += "</table>\n";
    for (name, part) in coverage.by_function() {
        let _ = writeln!(text, "<h2 id=\"{name}\">{name}</h2>\n<ul>");
        for listed @ (id, standing) in &part.clauses {
            let (word, clause) = (word(*standing), id.clause());
            let why = unseen(listed).map_or(String::new(), |(_, reason)| {
                format!("<br><small>{}</small>", escape(reason))
            });
            let _ = writeln!(
                text,
                "<li><code>{}{id}</code> <span class=\"{word}\">{word}</span>: {}{why}</li>",
                id.strength().mark(),
                escape(clause.text)
            );
        }
        text += "</ul>\n";
    }
    text + "</html>\n"
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Missing => "missing",
        Standing::Unshown => "not shown",
        Standing::Unobservable => "cannot be seen",
        Standing::Client => "binds the caller",
        Standing::Cited => "cited",
        Standing::Proven => "proven",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_why_a_clause_cannot_be_seen() {
        let unseen = ClauseId::all().find(|id| id.clause().unobservable.is_some());
        let id = unseen.expect("the catalogue has some");
        let reason = id.clause().unobservable.unwrap_or_default();
        let of = |standing| Coverage { clauses: vec![(id, standing)] };
        for (form, reason) in [(Form::Markdown, reason.to_owned()), (Form::Html, escape(reason))] {
            assert!(page(&of(Standing::Unobservable), form).contains(&reason), "{form:?}");
            // What is shown all the same needs no excuse.
            assert!(!page(&of(Standing::Cited), form).contains(&reason), "{form:?}");
        }
    }
}
