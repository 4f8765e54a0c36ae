//! Which clauses refuse a handle, function by function.

use crate::clause::{
    ClauseId, deregister_from_change_notification as deregister, get_change_status as status,
    get_changed_dests as get, ignore_changed_dests as ignore,
    is_marked_for_change_notification as marked, mark_dest_for_change_notification as mark,
    release_changed_dests as release,
};
use crate::model::calls::check::HandleClauses;

/// Which clauses refuse a `NotifyHandle`.
pub(super) struct NotifyClauses {
    pub handle: HandleClauses,
    /// The registration is another client's.
    pub other_client: &'static [ClauseId],
}

macro_rules! notify_clauses {
    ($name:ident, $module:ident, $wrong:ident, [$($dead:path),*]) => {
        pub(super) const $name: NotifyClauses = NotifyClauses {
            handle: HandleClauses {
                null: &[$module::NULL_NOTIFY_HANDLE, $module::ERR_INVALID_HANDLE],
                wrong_kind: &[$module::$wrong],
                dead: &[$($dead),*],
                other_table: &[$module::ERR_INVALID_HANDLE],
            },
            other_client: &[
                $module::OTHER_ENTITY_HANDLE,
                crate::clause::register_for_change_notification::HANDLE_PRIVATE,
            ],
        };
    };
}

notify_clauses!(
    IGNORE,
    ignore,
    WRONG_KIND_NOTIFY_HANDLE,
    [deregister::HANDLE_DEAD, ignore::BAD_REG_HANDLE, ignore::ERR_INVALID_HANDLE]
);
notify_clauses!(
    STATUS,
    status,
    WRONG_KIND_NOTIFY_HANDLE,
    [deregister::HANDLE_DEAD, status::BAD_REG_HANDLE, status::ERR_INVALID_HANDLE]
);
notify_clauses!(
    MARK,
    mark,
    WRONG_KIND_NOTIFY_HANDLE,
    [deregister::HANDLE_DEAD, mark::BAD_REG_HANDLE, mark::ERR_INVALID_HANDLE]
);
notify_clauses!(
    IS_MARKED,
    marked,
    WRONG_KIND_NOTIFY_HANDLE,
    [deregister::HANDLE_DEAD, marked::BAD_REG_HANDLE, marked::ERR_INVALID_HANDLE]
);
notify_clauses!(DEREGISTER, deregister, WRONG_KIND_HANDLE, [deregister::DOUBLE_DEREGISTER]);

pub(super) const FETCH: NotifyClauses = NotifyClauses {
    handle: HandleClauses {
        dead: &[get::USE_AFTER_DEREGISTER],
        ..HandleClauses::all(&[get::BAD_NOTIFY_HANDLE])
    },
    other_client: &[get::OTHER_ENTITY_HANDLE],
};

pub(super) const RELEASE: NotifyClauses = NotifyClauses {
    handle: HandleClauses {
        null: &[release::NULL_NOTIFY_HANDLE, release::ERR_INVALID_HANDLE],
        wrong_kind: &[release::WRONG_KIND_NOTIFY_HANDLE],
        dead: &[release::AFTER_DEREGISTER],
        other_table: &[release::ERR_INVALID_HANDLE],
    },
    other_client: &[release::ERR_INVALID_HANDLE, release::NEEDS_NOTIFY_HANDLE],
};

macro_rules! dest_clauses {
    ($name:ident, $module:ident) => {
        pub(super) const $name: HandleClauses = HandleClauses {
            null: &[$module::NULL_DEST, $module::ERR_INVALID_HANDLE],
            wrong_kind: &[$module::WRONG_KIND_DEST],
            dead: &[$module::BAD_REG_HANDLE, $module::ERR_INVALID_HANDLE],
            other_table: &[$module::DEST_OF_OTHER_TABLE],
        };
    };
}

dest_clauses!(STATUS_DEST, status);
dest_clauses!(MARK_DEST, mark);
dest_clauses!(IS_MARKED_DEST, marked);
