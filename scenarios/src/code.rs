//! The stable codes of diagnostics, and what each of them means.
//!
//! A code never changes its meaning; a retired one is not given out again.

macro_rules! codes {
    ($($name:ident $number:literal $text:literal)*) => {
        /// The stable code of a kind of mistake.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = $text] $name),*
        }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// How it is printed: `RTM` and four digits.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => concat!("RTM", $number)),* }
            }

            /// What it means and what to do about it.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }
        }
    };
}

codes! {
    Syntax "0001" "The file is not TOML. The underlined text is where reading it went wrong; \
        what follows was read as well as it could be, so that other mistakes are shown too."
    FileTooLarge "0002" "A scenario file has at most 1 MiB. Say many steps with `repeat`, or \
        split the scenario."
    NotUtf8 "0003" "TOML is UTF-8 text. Save the file as UTF-8, without bytes of another encoding."
    TooDeep "0004" "Tables and arrays are nested more than 64 deep. Nothing in the format needs \
        more than a few levels."
    UnknownKey "0005" "The table takes no key of this name. Arguments are the C name of the \
        parameter with a hyphen before each capital, in lower case: `DestAddress` is \
        `dest-address`."
    MissingKey "0006" "The table lacks a key that has no default."
    WrongType "0007" "The value is of a type that the key does not take."
    WrongFormat "0008" "The file must say `format = 1`, so that a later format is recognised."
    BadName "0009" "Names of clients and labels begin with a small letter, go on with small \
        letters, digits and hyphens, and have at most 64 bytes."
    DuplicateName "0010" "Each label is bound once. Labels and clients share their names."
    UnknownLabel "0011" "No step binds the label, and no client has the name."
    LateLabel "0012" "The label is bound by a step that comes later: a step may only use what \
        earlier ones gave back."
    LabelCycle "0013" "Steps wait for each other's results in a circle, so none of them can ever \
        be made."
    UnknownClient "0014" "`by` names a client that the file does not declare, or is left out where \
        there are several clients."
    ClientCount "0015" "A scenario has one to 32 clients."
    ActionCount "0016" "A step does exactly one thing: `call`, `read`, `write`, `advance` or \
        `settle`."
    UnknownFunction "0017" "`call` takes one of the 59 functions, in C spelling."
    UnknownClause "0019" "The clause catalogue has no such id."
    UnknownStatus "0020" "A status is one of the names that the interface uses."
    UnknownWord "0021" "The word is neither a flag of this parameter, nor a named number, nor a \
        limit, nor a label."
    OutOfRange "0022" "The number does not fit where it is to go."
    BadAddress "0023" "An address is a prefix such as `10.0.0.0/8` or `2001:db8::/32`, an address \
        without a length, or a table with `address-family`, `num-bits` and `addr-bits`."
    WrongHandle "0024" "The handle is of another kind than the parameter takes. A real library \
        may not survive that: mark the step with `hazard = true` when it is meant."
    Hazard "0025" "A real library may not survive a handle that nobody gave out, NULL where a \
        pointer is due, or a count of more elements than are there. Mark the step with \
        `hazard = true`."
    NoSuchOutput "0026" "What the step gives back has no such part."
    WrongPart "0027" "The label, or the part of it that is named, is not of the kind that is \
        wanted here."
    TooManySteps "0028" "With all repetitions a scenario has at most 200,000 steps, and 64,000 \
        labels."
    RepeatedLabel "0029" "A repeated step that binds needs `{i}` in the label, so that each turn \
        binds a label of its own; and `{i}` means nothing outside a repeated step."
    UntilEnd "0030" "`until-end` goes with the functions that fetch the next items of something."
    UnknownEvent "0031" "A reaction answers one of the four events."
    NotRegistered "0032" "The client registers by hand, and no step registers it before this one."
    TooMany "0033" "Only the first 100 mistakes are shown."
    BadText "0034" "The text is empty, or holds a character that cannot be seen."
    Unexpected "0035" "The step returns something else on the model than the file expects, or does \
        not come to its end. `rtm simulate` shows what happens, and the clauses that decide it."
    Unproven "0036" "The file claims a clause that decides nothing of what its steps show. Add a \
        step that shows it, or claim another clause."
    Broken "0037" "The model is in a state that it should never be in: a fault of this program, \
        not of the file."
    DeadHandle "0038" "The step gives a handle that names nothing any more: its last reference has \
        been given back. A real library may not survive that: mark the step with `hazard = true` \
        when it is meant."
    Endless "0039" "The scenario does not come to an end on the model: calls that are made in \
        callbacks or methods cause further ones, again and again. Let them be made once."
}

/// What a code means, for `RTM0001` and so on.
pub fn explain(code: &str) -> Option<&'static str> {
    Code::ALL.iter().find(|c| c.id().eq_ignore_ascii_case(code)).map(|c| c.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes that are no longer given.
    const RETIRED: [usize; 1] = [18];

    #[test]
    fn numbers_count_up_and_retired_ones_are_left_out() {
        let mut numbers = (1..).filter(|number| !RETIRED.contains(number));
        for (code, number) in Code::ALL.iter().zip(&mut numbers) {
            assert_eq!(code.id(), format!("RTM{number:04}"));
            assert_eq!(explain(code.id()), Some(code.text()));
        }
        for retired in RETIRED {
            assert_eq!(explain(&format!("RTM{retired:04}")), None);
        }
        assert_eq!(explain("RTM9999"), None);
    }
}
