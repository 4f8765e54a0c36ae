//! Status codes, with their Windows names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a function of the interface returns: a Win32 status code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(pub u32);

macro_rules! statuses {
    ($($name:ident = $value:literal)*) => {
        impl Status {
            $(
                #[doc = concat!("The Win32 status code ", stringify!($value), ".")]
                pub const $name: Status = Status($value);
            )*
            /// Every code that a page of the interface lists, by name.
            pub const ALL: &'static [(&'static str, Status)] = &[
                $((stringify!($name), Status($value)),)*
            ];
        }
    };
}

statuses! {
    NO_ERROR = 0
    ERROR_FILE_NOT_FOUND = 2
    ERROR_ACCESS_DENIED = 5
    ERROR_INVALID_HANDLE = 6
    ERROR_NOT_ENOUGH_MEMORY = 8
    ERROR_INVALID_DATA = 13
    ERROR_NOT_SUPPORTED = 50
    ERROR_INVALID_PARAMETER = 87
    ERROR_INSUFFICIENT_BUFFER = 122
    ERROR_ALREADY_EXISTS = 183
    ERROR_NO_MORE_ITEMS = 259
    ERROR_NOT_FOUND = 1168
    ERROR_NO_SYSTEM_RESOURCES = 1450
    ERROR_BAD_CONFIGURATION = 1610
}

impl Status {
    /// The Windows name, if the interface uses the code.
    pub fn name(self) -> Option<&'static str> {
        Status::ALL.iter().find(|(_, s)| *s == self).map(|(name, _)| *name)
    }

    /// The code with this Windows name.
    pub fn find(name: &str) -> Option<Status> {
        Status::ALL.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "status {}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
