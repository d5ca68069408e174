//! Applying: one entry and what was decided about it become system calls. A file for each kind of entry, for each way
//! data moves, and for each thing that is kept, removed or finished on the way.

pub mod appended;
pub mod backup;
pub mod backup_copy;
pub mod data;
pub mod delayed;
pub mod delete;
pub mod delta;
pub mod dir;
pub mod extraneous;
pub mod fake;
pub mod file;
pub mod finish;
pub mod fsync;
pub mod inplace;
pub mod late_times;
pub mod metadata;
pub mod node;
pub mod obstacle;
pub mod partial;
pub mod range;
pub mod remove_source;
pub mod remove_tree;
pub mod retry;
pub mod source;
pub mod special;
pub mod symlink;
pub mod temp;
pub mod unlock;
pub mod pending_file;
pub mod verify;
pub mod xattr;
