//! Attributes that a file system cannot store at all: reported for the first names in rsync's words, then only counted.

use std::sync::atomic::{AtomicU64, Ordering};

use uring_ext::mode::errno::EOPNOTSUPP;

use crate::failure::{Failure, What, reason};

/// So many names are told of each.
const TOLD_MAX: u64 = 16;

/// Names whose ACLs or extended attributes met a file system that has none.
#[derive(Debug, Default)]
pub(super) struct Unkept {
    acls: AtomicU64,
    xattrs: AtomicU64,
    fakes: AtomicU64,
}

impl Unkept {
    /// Counts a failure; true when it is one that goes without saying by now.
    pub(super) fn goes_without_saying(&self, failure: &Failure) -> bool {
        let count = match failure.what {
            _ if failure.errno != Some(EOPNOTSUPP) => return false,
            What::SetAcl => &self.acls,
            What::SetXattr | What::RemoveXattr => &self.xattrs,
            What::WriteFake => &self.fakes,
            _ => return false,
        };
        count.fetch_add(1, Ordering::Relaxed) >= TOLD_MAX
    }

    /// A line for each kind of which some were not told.
    pub(super) fn lines(&self) -> impl Iterator<Item = Vec<u8>> {
        let kinds = [
            (&self.acls, "ACLs"),
            (&self.xattrs, "extended attributes"),
            (&self.fakes, "--fake-super attributes"),
        ];
        kinds.into_iter().filter_map(|(count, what)| {
            let more = count.load(Ordering::Relaxed).checked_sub(TOLD_MAX).filter(|more| *more > 0)?;
            Some(format!("rsync: [receiver] {more} more {what} not set: {}", reason(EOPNOTSUPP)).into_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Side;
    use std::io::Error;

    #[test]
    fn the_first_are_told_and_the_others_counted() {
        let unkept = Unkept::default();
        let failure =
            |what, errno| Failure::new(Side::Receiver, what, b"f".to_vec(), &Error::from_raw_os_error(errno));
        let told =
            |what, errno| (0..20).filter(|_| !unkept.goes_without_saying(&failure(what, errno))).count();
        assert_eq!(told(What::SetXattr, EOPNOTSUPP), 16);
        assert_eq!(told(What::SetXattr, 13), 20);
        assert_eq!(told(What::SetAcl, EOPNOTSUPP), 16);
        assert_eq!(told(What::Chmod, EOPNOTSUPP), 20);
        let lines: Vec<String> =
            unkept.lines().map(|line| String::from_utf8(line).expect("plain words")).collect();
        assert_eq!(
            lines,
            [
                "rsync: [receiver] 4 more ACLs not set: Operation not supported (95)",
                "rsync: [receiver] 4 more extended attributes not set: Operation not supported (95)"
            ]
        );
    }
}
