//! Parts of a corpus, for machines that share the work.

use std::str::FromStr;

/// One of `of` parts, chosen by a digest of the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Partition {
    /// From 0.
    index: u64,
    of: u64,
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Partition, String> {
        let form = "it has the form hash:M/N, with M from 1 to N";
        let (index, of) =
            text.strip_prefix("hash:").and_then(|rest| rest.split_once('/')).ok_or(form)?;
        let (index, of): (u64, u64) =
            (index.parse().map_err(|_| form)?, of.parse().map_err(|_| form)?);
        if index == 0 || of < index {
            return Err(String::from(form));
        }
        Ok(Partition { index: index - 1, of })
    }
}

impl Partition {
    /// The part that the environment asks for: `TEST_SHARD_INDEX`, from 0, of
    /// `TEST_TOTAL_SHARDS`. Whoever asks is told, by the file that it names for that, that the
    /// parts are kept to.
    pub fn from_environment() -> Result<Option<Partition>, String> {
        let number = |name: &str| match std::env::var(name) {
            Ok(text) => match text.parse::<u64>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => {
                    Err(format!("understand {name}: `{text}` is not a number; unset or mend it"))
                }
            },
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(format!("understand {name}: {error}; unset or mend it")),
        };
        let (of, index) = match (number("TEST_TOTAL_SHARDS")?, number("TEST_SHARD_INDEX")?) {
            (Some(of), Some(index)) => (of, index),
            (None, None) => return Ok(None),
            // One of them alone would run everything, or everything several times.
            _ => {
                return Err(String::from(
                    "take a shard: only one of TEST_TOTAL_SHARDS and TEST_SHARD_INDEX is set; \
                     set both or none",
                ));
            }
        };
        if of <= index {
            return Err(format!(
                "take shard {index} of {of}: shards count from 0; mend TEST_SHARD_INDEX"
            ));
        }
        if let Some(file) = std::env::var_os("TEST_SHARD_STATUS_FILE") {
            // It only has to exist; if it cannot be made, whoever wants it notices.
            let _ = std::fs::write(file, "");
        }
        Ok(Some(Partition { index, of }))
    }

    /// Whether a scenario belongs to it.
    pub fn holds(&self, name: &str) -> bool {
        rtm_sim::digest::digest(name) % self.of == self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_once() {
        let parts: Vec<Partition> =
            (1..=3).map(|m| format!("hash:{m}/3").parse().expect("a part")).collect();
        for name in ["a", "b/c", "routes/first", "races/smallest", ""] {
            assert_eq!(parts.iter().filter(|part| part.holds(name)).count(), 1, "{name}");
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "hash:", "hash:0/2", "hash:3/2", "hash:1", "count:1/2", "hash:x/2"] {
            assert!(text.parse::<Partition>().is_err(), "{text}");
        }
    }
}
