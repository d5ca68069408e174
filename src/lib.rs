//! A drop-in replacement for rsync on one Linux machine.
//!
//! # Code map
//! `main` reads argv and the environment, [`setup`] turns [`Options`](rsync_compat::options::Options) into a
//! [`plan`], [`pipeline`] does it, [`report`] tells about it. [`operands`] and [`target`] hold the rules on operands,
//! [`entry`], [`failure`] and [`summary`] the values that travel between the stages.
#![forbid(unsafe_code)]

pub mod batch;
pub mod charsets;
pub mod control;
pub mod copy_as;
pub mod deadline;
pub mod delegate;
pub mod doctor;
pub mod entry;
pub mod facts;
pub mod failure;
pub mod medium;
pub mod operands;
pub mod path_text;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod setup;
pub mod summary;
pub mod target;
mod temp_dir;
pub mod whole_files;
