//! rsync surface.

pub mod options;
pub mod filter;
pub mod cvs;
pub mod exit;
pub mod messages;
pub mod output;
pub mod size;
pub mod chmod;
pub mod idmap;
