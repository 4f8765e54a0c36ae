//! Descriptions of the C declarations, for printing the header and for comparing layouts.
//!
//! Invariant: a description is made by the macro that makes the declaration, so the two cannot
//! disagree. Type names are kept as Rust text; [`crate::header`] turns them into C.
//!
//! Not here: functions; see [`crate::functions::FUNCTIONS`].

/// Another name for a plain number, such as `RTM_VIEW_SET`.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// Name in C.
    pub c_name: &'static str,
    /// Name in [`crate::types`].
    pub rust_name: &'static str,
    /// The Rust type that it stands for.
    pub type_name: &'static str,
}

/// A kind of opaque handle.
#[derive(Clone, Copy, Debug)]
pub struct HandleKind {
    /// Name in C.
    pub c_name: &'static str,
    /// Name in [`crate::types`].
    pub rust_name: &'static str,
}

/// A structure with its layout on this target.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// Name in C.
    pub c_name: &'static str,
    /// Name in [`crate::types`].
    pub rust_name: &'static str,
    /// Bytes as declared, that is with one element of a trailing array.
    pub size: usize,
    /// Alignment in bytes.
    pub alignment: usize,
    /// Members in the order of their offsets.
    pub members: &'static [Member],
}

/// One member of a [`Structure`].
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Name in C.
    pub c_name: &'static str,
    /// Name of the Rust field.
    pub rust_name: &'static str,
    /// The Rust type as written.
    pub type_name: &'static str,
    /// Bytes from the start of the structure.
    pub offset: usize,
    /// Bytes as declared.
    pub size: usize,
}

/// Defines `pub type`s for numbers and the table `ALIASES`.
macro_rules! c_aliases {
    ($( $(#[$meta:meta])* type $name:ident = $c_name:literal: $type:ty; )*) => {
        $(
            $(#[$meta])*
            #[doc(alias = $c_name)]
            pub type $name = $type;
        )*

        /// The aliases, in the order of their definition.
        pub static ALIASES: &[$crate::describe::Alias] = &[$(
            $crate::describe::Alias {
                c_name: $c_name,
                rust_name: stringify!($name),
                type_name: stringify!($type),
            },
        )*];
    };
}
pub(crate) use c_aliases;

/// Defines one newtype a handle kind and the table `HANDLES`.
macro_rules! c_handles {
    ($( $(#[$meta:meta])* struct $name:ident = $c_name:literal; )*) => {
        $(
            $(#[$meta])*
            #[doc(alias = $c_name)]
            #[repr(transparent)]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub *mut c_void);

            impl $name {
                /// No handle.
                pub const NULL: $name = $name(::core::ptr::null_mut());

                /// Whether this is no handle.
                pub fn is_null(self) -> bool {
                    self.0.is_null()
                }

                /// The same bits without their kind.
                pub fn generic(self) -> Handle {
                    Handle(self.0)
                }
            }

            // SAFETY: to this package a handle is a number; nothing here follows the pointer, so
            // moving it to another thread touches no memory.
            unsafe impl Send for $name {}

            // SAFETY: as above; a shared reference only lets the number be read.
            unsafe impl Sync for $name {}
        )*

        /// The handle kinds, in the order of their definition.
        pub static HANDLES: &[$crate::describe::HandleKind] = &[$(
            $crate::describe::HandleKind { c_name: $c_name, rust_name: stringify!($name) },
        )*];
    };
}
pub(crate) use c_handles;

/// Defines `#[repr(C)]` structures and the table `STRUCTURES`.
macro_rules! c_structures {
    ($(
        $(#[$meta:meta])*
        struct $name:ident = $c_name:literal {
            $( $(#[$member_meta:meta])* $c_member:ident $member:ident: $type:ty, )*
        }
    )*) => {
        $(
            $(#[$meta])*
            #[doc(alias = $c_name)]
            #[repr(C)]
            #[derive(Clone, Copy, Debug)]
            pub struct $name {
                $( $(#[$member_meta])* pub $member: $type, )*
            }
        )*

        /// The structures with their members, each after those that it contains.
        pub static STRUCTURES: &[$crate::describe::Structure] = &[$(
            $crate::describe::Structure {
                c_name: $c_name,
                rust_name: stringify!($name),
                size: ::core::mem::size_of::<$name>(),
                alignment: ::core::mem::align_of::<$name>(),
                members: &[$(
                    $crate::describe::Member {
                        c_name: stringify!($c_member),
                        rust_name: stringify!($member),
                        type_name: stringify!($type),
                        offset: ::core::mem::offset_of!($name, $member),
                        size: ::core::mem::size_of::<$type>(),
                    },
                )*],
            },
        )*];
    };
}
pub(crate) use c_structures;
