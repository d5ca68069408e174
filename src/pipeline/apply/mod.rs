//! Applying: one entry and what was decided about it become system calls. A file for each kind of entry, for each way
//! data moves, and for each thing that is kept, removed or finished on the way.

// Each kind of entry.
pub mod file;
pub mod dir;
pub mod symlink;
pub mod special;
pub mod node;

// A file's data: from the source, in one way or another, into a file that has no name yet, or into the old one.
pub mod source;
pub mod data;
pub mod range;
pub mod delta;
pub mod pending_file;
pub mod temp;
pub mod inplace;
pub mod appended;
pub mod verify;
pub mod fsync;
pub mod partial;
pub mod retry;

// Attributes.
pub mod metadata;
pub mod xattr;
pub mod fake;
pub mod unlock;

// What goes, and what is kept of it.
pub mod obstacle;
pub mod extraneous;
pub mod delete;
pub mod remove_tree;
pub mod remove_source;
pub mod backup;

// What waits for the end of a directory, or of the run.
pub mod finish;
pub mod delayed;
pub mod late_times;
