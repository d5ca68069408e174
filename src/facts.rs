//! What `main` asks of the system once, before anything else, and hands on as values.

/// The surroundings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The current directory.
    pub cwd: Vec<u8>,
    /// Why it has no path, if it has none: it was removed, or may not be searched.
    pub cwd_errno: Option<i32>,
    /// `$HOME`.
    pub home: Option<Vec<u8>>,
    /// `$CVSIGNORE`.
    pub cvsignore: Option<Vec<u8>>,
    /// The umask that was in force before it was set to 0.
    pub umask: u32,
}
