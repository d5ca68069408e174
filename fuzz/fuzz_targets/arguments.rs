//! Any bytes for `entry_points::arguments`.
#![no_main]

#[allow(dead_code, reason = "this target takes one of them")]
#[path = "../entry_points.rs"]
mod entry_points;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry_points::arguments(bytes));
