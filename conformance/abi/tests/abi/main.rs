//! Checks of the declarations against numbers and names that come from elsewhere.

mod header;

mod bindings;
mod signatures;

mod exports;
mod table;
