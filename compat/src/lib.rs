//! rsync's surface as pure values: options, filter rules, output. Bytes in, values and bytes out; no file is opened
//! here.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod options;
pub mod filter;
pub mod batch;
pub mod cvs;
pub mod delta;
pub mod digest;
pub mod exit;
pub mod fake;
pub mod fuzzy;
pub mod output;
pub mod size;
pub mod chmod;
pub mod idmap;
pub mod unsafe_link;

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
