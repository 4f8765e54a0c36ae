//! Tokens: a schedule in one short word.
//!
//! `rtm1.<digest of the program>.<actors, run-length coded>`: each run is an actor's letter,
//! `a` for the first, and its length when that is not 1. `aab` is `a2b`.

use std::fmt;
use std::fmt::Write as _;

use crate::program::{ACTORS_MAX, Actor};

/// Most turns that a token may hold; a longer one is not one of ours.
const TURNS_MAX: usize = 1 << 20;

/// A schedule, and the program that it was made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// [`Program::digest`](crate::program::Program::digest).
    pub digest: u64,
    /// Who took each turn.
    pub choices: Vec<Actor>,
}

impl Token {
    /// Parses a token.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Token, String> {
        let mut parts = text.split('.');
        if parts.next() != Some("rtm1") {
            return Err(format!("token `{text}` does not begin with `rtm1.`"));
        }
        let digest = parts
            .next()
            .filter(|d| d.len() == 16)
            .and_then(|d| u64::from_str_radix(d, 16).ok())
            .ok_or_else(|| format!("token `{text}` has no digest of 16 hexadecimal digits"))?;
        let (Some(runs), None) = (parts.next(), parts.next()) else {
            return Err(format!("token `{text}` does not have three parts"));
        };
        Ok(Token { digest, choices: parse_runs(runs)? })
    }
}

fn parse_runs(text: &str) -> Result<Vec<Actor>, String> {
    let mut choices = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let actor = actor_of(letter).ok_or_else(|| format!("`{letter}` is no actor's letter"))?;
        rest = &rest[letter.len_utf8()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let length = match digits {
            0 => 1,
            _ => rest[..digits]
                .parse()
                .map_err(|_| format!("run `{}` is too long", &rest[..digits]))?,
        };
        if length == 0 || TURNS_MAX < choices.len() + length {
            return Err(format!("a run of {length} turns is out of range"));
        }
        choices.resize(choices.len() + length, actor);
        rest = &rest[digits..];
    }
    Ok(choices)
}

/// Actors 0 to 25 are a to z, the others A to F.
fn letter_of(actor: Actor) -> char {
    char::from(if actor < 26 { b'a' + actor } else { b'A' + actor - 26 })
}

fn actor_of(letter: char) -> Option<Actor> {
    let actor = match letter {
        'a'..='z' => letter as u8 - b'a',
        'A'..='Z' => letter as u8 - b'A' + 26,
        _ => return None,
    };
    (usize::from(actor) < ACTORS_MAX).then_some(actor)
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rtm1.{:016x}.", self.digest)?;
        for run in self.choices.chunk_by(|a, b| a == b) {
            f.write_char(letter_of(run[0]))?;
            if 1 < run.len() {
                write!(f, "{}", run.len())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back() {
        let check = |choices: &[Actor], text: &str| {
            let token = Token { digest: 0x1234, choices: choices.to_vec() };
            assert_eq!(token.to_string(), text);
            assert_eq!(Token::parse(text), Ok(token));
        };
        check(&[], "rtm1.0000000000001234.");
        check(&[0, 0, 1, 0], "rtm1.0000000000001234.a2ba");
        check(&[31; 12], "rtm1.0000000000001234.F12");
    }

    #[test]
    fn a_bad_token_is_named() {
        let check = |text: &str, part: &str| {
            let error = Token::parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        };
        check("", "does not begin with");
        check("rtm1.12.a", "digest");
        check("rtm1.0000000000001234", "three parts");
        check("rtm1.0000000000001234.a.b", "three parts");
        check("rtm1.0000000000001234.-", "no actor's letter");
        check("rtm1.0000000000001234.Z", "no actor's letter");
        check("rtm1.0000000000001234.a0", "out of range");
        check("rtm1.0000000000001234.a99999999999999999999", "too long");
        check("rtm1.0000000000001234.a9999999", "out of range");
    }
}
