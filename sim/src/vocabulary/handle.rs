//! Handles: opaque values, of one of seven kinds.

use std::fmt;

/// What a handle refers to.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
pub enum HandleKind {
    /// A registered client.
    Entity,
    /// A destination.
    Dest,
    /// A route.
    Route,
    /// A next hop.
    NextHop,
    /// An enumeration of any kind.
    Enum,
    /// A registration for changes.
    Notify,
    /// A route list.
    RouteList,
}

impl HandleKind {
    /// All kinds.
    pub const ALL: [HandleKind; 7] = [
        HandleKind::Entity,
        HandleKind::Dest,
        HandleKind::Route,
        HandleKind::NextHop,
        HandleKind::Enum,
        HandleKind::Notify,
        HandleKind::RouteList,
    ];

    /// The word that labels use: `nexthop#2`.
    pub fn word(self) -> &'static str {
        match self {
            HandleKind::Entity => "entity",
            HandleKind::Dest => "dest",
            HandleKind::Route => "route",
            HandleKind::NextHop => "nexthop",
            HandleKind::Enum => "enum",
            HandleKind::Notify => "notify",
            HandleKind::RouteList => "list",
        }
    }
}

/// The value of a handle, in the world of the engine that gave it out; 0 is no handle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Handle(pub u64);

impl Handle {
    /// No handle.
    pub const NULL: Handle = Handle(0);

    /// Whether it is no handle.
    #[inline]
    pub fn is_null(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:#x})", self.0)
    }
}
