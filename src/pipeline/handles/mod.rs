//! Open directories and files on both sides. Every operation is a handle and a name; paths are for messages alone.

pub mod dir;
pub mod name;
pub mod open;
pub mod rules;
pub mod closed;
pub mod reopen;
pub mod source;
pub mod swaps;
pub mod at;
pub mod contents;
pub mod basis_file;
pub mod thread_cwd;
pub mod paths;
