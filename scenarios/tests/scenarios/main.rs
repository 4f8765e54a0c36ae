//! The scenario language, seen from outside.

mod invalid;

mod lowered;

mod places;

mod anything;

mod cleanup;

mod schema;

mod readings;

mod times;

mod examples;

mod nulls;

mod explored;

mod headings;

mod strengths;
