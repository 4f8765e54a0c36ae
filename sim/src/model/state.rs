//! What the model keeps: objects, and who refers to them.

pub mod arena;

pub mod ledger;

pub mod prefix;

pub mod lists;

pub mod objects;

pub mod opaque;

pub mod notification;

pub mod hold;
