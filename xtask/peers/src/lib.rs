//! What the peer programs share: the table that the clients of the race work on.

pub mod table;
