//! Whether permissions let us do something, asked beforehand.

use std::os::fd::AsFd;

use rustix::fs::{Access, AtFlags, accessat};
use rustix::io::Errno;

/// Whether names may be made and removed in a directory, as far as its permissions go.
pub fn may_change_names(dir: impl AsFd) -> bool {
    let asked = Access::WRITE_OK | Access::EXEC_OK;
    !matches!(accessat(dir, c".", asked, AtFlags::EACCESS), Err(Errno::ACCESS | Errno::ROFS))
}

#[cfg(test)]
mod tests {
    use super::may_change_names;

    #[test]
    fn whoever_owns_a_directory_may_change_its_names() {
        let dir = tempfile::tempdir().unwrap();
        assert!(may_change_names(std::fs::File::open(dir.path()).unwrap()));
    }
}
