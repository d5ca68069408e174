//! Choices of our own that rsync lacks.

/// `--io`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// The back end that measurement favours, operation by operation.
    Auto,
    /// The ring wherever it has the operation.
    Ring,
    /// Plain system calls only.
    Syscalls,
}

/// Choices of our own that rsync lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// `--workers=N`; `None` is one per CPU that may be used.
    pub workers: Option<usize>,
    /// `--pin=on|off`.
    pub pin: bool,
    /// `--io=auto|ring|syscalls`.
    pub io: Io,
}
