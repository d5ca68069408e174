//! What `--fake-super` keeps of a file in extended attributes (rsync(1), `--fake-super`).
//!
//! ```
//! use rsync_compat::fake::FakeStat;
//! let stat = FakeStat::parse(b"20644 1,3 0:5").expect("five numbers");
//! assert_eq!((stat.mode, stat.major, stat.minor, stat.uid, stat.gid), (0o20644, 1, 3, 0, 5));
//! assert_eq!(stat.to_text(), b"20644 1,3 0:5");
//! ```

/// Mode, device number and owner.
pub const STAT: &[u8] = b"user.rsync.%stat";
/// The access ACL.
pub const ACCESS_ACL: &[u8] = b"user.rsync.%aacl";
/// The default ACL of a directory.
pub const DEFAULT_ACL: &[u8] = b"user.rsync.%dacl";
/// What stands before the names of attributes that an ordinary user cannot set.
pub const PREFIX: &[u8] = b"user.rsync.";
/// The namespace in which everything is kept.
pub const NAMESPACE: &[u8] = b"user.";

/// The most that rsync reads of [`STAT`], in bytes.
pub const STAT_BYTES_MAX: usize = 255;

/// What a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FakeStat {
    /// Type and permission bits.
    pub mode: u32,
    /// A device's major number.
    pub major: u32,
    /// A device's minor number.
    pub minor: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl FakeStat {
    /// Reads `MODE MAJOR,MINOR UID:GID` the way scanf(3) does; what follows does not matter.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<FakeStat> {
        let (mode, rest) = number(text, 8)?;
        let (major, rest) = number(rest, 10)?;
        let (minor, rest) = number(rest.strip_prefix(b",")?, 10)?;
        let (uid, rest) = number(rest, 10)?;
        let (gid, _) = number(rest.strip_prefix(b":")?, 10)?;
        Some(FakeStat { mode: mode & 0xffff, major, minor, uid, gid })
    }

    /// The text that is kept.
    #[must_use]
    pub fn to_text(self) -> Vec<u8> {
        let FakeStat { mode, major, minor, uid, gid } = self;
        format!("{mode:o} {major},{minor} {uid}:{gid}").into_bytes()
    }
}

/// The lower 32 bits of a number in 64, signed ones in decimal, blanks and a sign before it; what is too large for them
/// is the largest.
fn number(text: &[u8], base: u32) -> Option<(u32, &[u8])> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let count = digits.iter().take_while(|&&byte| char::from(byte).is_digit(base)).count();
    let (digits, rest) = digits.split_at(count);
    let add = |value: i128, &byte: &u8| {
        let digit = i128::from(char::from(byte).to_digit(base).unwrap_or(0));
        value.saturating_mul(base.into()).saturating_add(digit)
    };
    let value = digits.iter().fold(0, add) * if negative { -1 } else { 1 };
    let largest = if base == 8 { i128::from(u64::MAX) } else { i128::from(i64::MAX) };
    let bits = value.clamp(i64::MIN.into(), largest) & i128::from(u32::MAX);
    (count > 0).then_some((u32::try_from(bits).ok()?, rest))
}

/// The permission bits that the file itself gets: none that are dangerous, and its owner gets at it.
#[must_use]
pub fn real_permissions(mode: u32) -> u32 {
    const TYPE: u32 = 0o170_000;
    const DIRECTORY: u32 = 0o040_000;
    mode & 0o777 | if mode & TYPE == DIRECTORY { 0o700 } else { 0o600 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_scanf_reads() {
        let plain = FakeStat { mode: 0o100_600, major: 0, minor: 0, uid: 1, gid: 2 };
        for text in ["100600 0,0 1:2", "   0100600   0,0   1:2", "100600 0, 0 1:2x", "100600 0,0 +1:2 more"] {
            assert_eq!(FakeStat::parse(text.as_bytes()), Some(plain), "{text}");
        }
        for text in
            ["", "junk", "100600 0,0", "100600,0,0 1:2", "1006x0 0,0 1:2", "99 0,0 1:2", "100600 0 ,0 1:2"]
        {
            assert_eq!(FakeStat::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(
            FakeStat::parse(b"7777777 0,0 -1:99999999999").map(|stat| (stat.mode, stat.uid, stat.gid)),
            Some((0o177_777, u32::MAX, 1_215_752_191))
        );
        assert_eq!(
            FakeStat::parse(b"1000000000000000100644 0,0 9223372036854775808:-99999999999999999999")
                .map(|stat| (stat.mode, stat.uid, stat.gid)),
            Some((0o100_644, u32::MAX, 0))
        );
    }

    #[test]
    fn the_owner_gets_at_what_is_kept() {
        assert_eq!(real_permissions(0o104_000), 0o600);
        assert_eq!(real_permissions(0o043_050), 0o750);
        assert_eq!(real_permissions(0o120_777), 0o777);
    }
}
