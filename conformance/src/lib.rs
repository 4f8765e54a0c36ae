//! Drives an RTMv2 implementation through its C interface and judges it.
