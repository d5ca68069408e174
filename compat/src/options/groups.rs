//! The groups that [`Options`](super::Options) are made of, a file for each.

mod attributes;
mod basis;
mod data;
mod deletion;
mod engine;
mod links;
mod output;
mod receiving;
mod select;

pub use attributes::{Claim, Preserve};
pub use basis::{Basis, BasisKind};
pub use data::{Append, Compare, CopyMethod, Reflink, RemoveSources, Sparse, Write};
pub use deletion::{Backup, Delete, DeleteWhen};
pub use engine::{Engine, Io};
pub use links::{Confine, Links};
pub use output::{Debug, DebugWord, Info, OutBuf, Output, Progress, Stderr, Telling};
pub use receiving::Receiving;
pub use select::{FilterArg, MissingArgs, OneFileSystem, Recursion, Relative, Select};
