//! The C interface of RTMv2: types, constants, function table, header.
