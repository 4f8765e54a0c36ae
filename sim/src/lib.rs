//! Deterministic model of the RTMv2 interface, its schedulers and its acceptor.
