//! A drop-in replacement for rsync on one Linux machine.
//!
//! # Code map
//! `main` reads argv and the environment, [`setup`] turns [`Options`](rsync_compat::options::Options) into a
//! [`setup::Prepared`] plan, [`control`] runs the pipeline over it, [`report`] tells about it. [`operands`] and
//! `target` hold the rules on operands, `entry`, [`failure`] and `summary` the values that travel between the stages.
//! The modules below stand in reading order; ARCHITECTURE.md says more.
//!
//! Only what `main.rs` and the fuzz targets call is public, so that the compiler sees what nobody uses.
#![forbid(unsafe_code)]
#![expect(
    unreachable_pub,
    reason = "`pub` is for the whole crate here; tests/tidy/layers.rs says who may know whom"
)]

pub mod facts;
pub mod setup;
mod plan;
pub mod operands;
mod path_text;
mod target;
mod temp_dir;
mod copy_as;
mod deadline;
mod charsets;
mod medium;
pub mod whole_files;
pub mod batch;
pub mod control;
mod pipeline;
mod entry;
pub mod failure;
mod summary;
pub mod report;
pub mod delegate;
pub mod doctor;
