//! The scenario language of the RTMv2 harness, and the corpus.
