//! The RTMv2 model behind the C interface, as a shared library.
