//! Source operands: from what was typed to open roots and a tree of names (rsync(1), USAGE, `--relative`,
//! `--files-from`).

pub mod split;
pub mod files_from;
pub mod resolve;
pub mod tree;
pub mod verdict;
pub mod roots;
pub(crate) mod gather;
mod look;
pub mod count;
pub mod nested;
