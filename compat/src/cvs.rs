//! The list of names that `-C` leaves out (rsync(1), --cvs-exclude).

/// The patterns of rsync 3.5.0, in its order; `.svn/` and its kind match directories only.
pub const DEFAULT_PATTERNS: &[&str] = &[
    "RCS",
    "SCCS",
    "CVS",
    "CVS.adm",
    "RCSLOG",
    "cvslog.*",
    "tags",
    "TAGS",
    ".make.state",
    ".nse_depinfo",
    "*~",
    "#*",
    ".#*",
    ",*",
    "_$*",
    "*$",
    "*.old",
    "*.bak",
    "*.BAK",
    "*.orig",
    "*.rej",
    ".del-*",
    "*.a",
    "*.olb",
    "*.o",
    "*.obj",
    "*.so",
    "*.exe",
    "*.Z",
    "*.elc",
    "*.ln",
    "core",
    ".svn/",
    ".git/",
    ".hg/",
    ".bzr/",
];

/// The name of the file that holds a directory's own CVS patterns, and of the one in the home directory.
pub const IGNORE_FILE: &[u8] = b".cvsignore";
