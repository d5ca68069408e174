//! Exit values by name, with the words rsync prints beside them (rsync(1), EXIT VALUES).

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything worked.
    Success = 0,
    /// Syntax or usage error.
    Syntax = 1,
    /// Protocol incompatibility.
    Protocol = 2,
    /// Errors selecting input/output files, dirs.
    FileSelection = 3,
    /// Requested action not supported.
    Unsupported = 4,
    /// Error starting client-server protocol.
    StartClient = 5,
    /// Daemon unable to append to log-file.
    LogFileAppend = 6,
    /// Error in socket I/O.
    SocketIo = 10,
    /// Error in file I/O.
    FileIo = 11,
    /// Error in rsync protocol data stream.
    StreamIo = 12,
    /// Errors with program diagnostics.
    Message = 13,
    /// Error in IPC code.
    Ipc = 14,
    /// A sibling process crashed.
    Crashed = 15,
    /// A sibling process was terminated by a signal.
    Terminated = 16,
    /// Received SIGUSR1.
    SignalUser = 19,
    /// Received SIGINT, SIGTERM or SIGHUP.
    Signal = 20,
    /// Some error returned by waitpid().
    WaitChild = 21,
    /// Error allocating core memory buffers.
    OutOfMemory = 22,
    /// Partial transfer due to error.
    Partial = 23,
    /// Partial transfer due to vanished source files.
    Vanished = 24,
    /// The --max-delete limit stopped deletions.
    MaxDelete = 25,
    /// Timeout in data send/receive.
    Timeout = 30,
    /// Timeout waiting for daemon connection.
    ConnectTimeout = 35,
}

impl Exit {
    /// The value the process exits with.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The words of the final `rsync error: … (code N)` line.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Exit::Success => "success",
            Exit::Syntax => "syntax or usage error",
            Exit::Protocol => "protocol incompatibility",
            Exit::FileSelection => "errors selecting input/output files, dirs",
            Exit::Unsupported => "requested action not supported",
            Exit::StartClient => "error starting client-server protocol",
            Exit::LogFileAppend => "daemon unable to append to log-file",
            Exit::SocketIo => "error in socket IO",
            Exit::FileIo => "error in file IO",
            Exit::StreamIo => "error in rsync protocol data stream",
            Exit::Message => "errors with program diagnostics",
            Exit::Ipc => "error in IPC code",
            Exit::Crashed => "sibling process crashed",
            Exit::Terminated => "sibling process terminated abnormally",
            Exit::SignalUser => "received SIGUSR1",
            Exit::Signal => "received SIGINT, SIGTERM, or SIGHUP",
            Exit::WaitChild => "waitpid() failed",
            Exit::OutOfMemory => "error allocating core memory buffers",
            Exit::Partial => "some files/attrs were not transferred (see previous errors)",
            Exit::Vanished => "some files vanished before they could be transferred",
            Exit::MaxDelete => "the --max-delete limit stopped deletions",
            Exit::Timeout => "timeout in data send/receive",
            Exit::ConnectTimeout => "timeout waiting for daemon connection",
        }
    }
}
