//! Text form of an RTMv2 history, and the committed snapshots.
