//! Checksums of whole files, for `%C` (rsync(1), `--checksum-choice`). No seed goes into them.

use md4::Md4;
use md5::Md5;
use md5::digest::Digest;
use sha1::Sha1;
use xxhash_rust::xxh3::Xxh3;
use xxhash_rust::xxh64::Xxh64;

/// A checksum algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What rsync 3.5.0 prefers.
    Xxh128,
    /// 64 bits of the newer xxHash.
    Xxh3,
    /// 64 bits of the older xxHash.
    Xxh64,
    /// MD5.
    Md5,
    /// MD4.
    Md4,
    /// SHA-1.
    Sha1,
    /// No checksum at all.
    None,
}

impl Algorithm {
    /// The names of `--checksum-choice`, in any case of letters.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Algorithm> {
        Some(match name.to_ascii_lowercase().as_slice() {
            b"auto" | b"xxh128" => Algorithm::Xxh128,
            b"xxh3" => Algorithm::Xxh3,
            b"xxh64" | b"xxhash" => Algorithm::Xxh64,
            b"md5" => Algorithm::Md5,
            b"md4" => Algorithm::Md4,
            b"sha1" => Algorithm::Sha1,
            b"none" => Algorithm::None,
            _ => return None,
        })
    }

    /// How many hexadecimal digits its checksums have.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Algorithm::Xxh128 | Algorithm::Md5 | Algorithm::Md4 => 32,
            Algorithm::Xxh3 | Algorithm::Xxh64 => 16,
            Algorithm::Sha1 => 40,
            Algorithm::None => 2,
        }
    }

    /// Starts a checksum.
    #[must_use]
    pub fn start(self) -> Sum {
        match self {
            Algorithm::Xxh128 => Sum::Xxh128(Box::default()),
            Algorithm::Xxh3 => Sum::Xxh3(Box::default()),
            Algorithm::Xxh64 => Sum::Xxh64(Xxh64::new(0)),
            Algorithm::Md5 => Sum::Md5(Md5::new()),
            Algorithm::Md4 => Sum::Md4(Md4::new()),
            Algorithm::Sha1 => Sum::Sha1(Sha1::new()),
            Algorithm::None => Sum::None,
        }
    }
}

/// A checksum under way.
#[expect(missing_debug_implementations, reason = "the states of the algorithms are nothing to look at")]
#[derive(Clone)]
pub enum Sum {
    /// See [`Algorithm::Xxh128`].
    Xxh128(Box<Xxh3>),
    /// See [`Algorithm::Xxh3`].
    Xxh3(Box<Xxh3>),
    /// See [`Algorithm::Xxh64`].
    Xxh64(Xxh64),
    /// See [`Algorithm::Md5`].
    Md5(Md5),
    /// See [`Algorithm::Md4`].
    Md4(Md4),
    /// See [`Algorithm::Sha1`].
    Sha1(Sha1),
    /// See [`Algorithm::None`].
    None,
}

impl Sum {
    /// Takes in the next bytes.
    pub fn update(&mut self, data: &[u8]) {
        match self {
            Sum::Xxh128(sum) | Sum::Xxh3(sum) => sum.update(data),
            Sum::Xxh64(sum) => sum.update(data),
            Sum::Md5(sum) => sum.update(data),
            Sum::Md4(sum) => sum.update(data),
            Sum::Sha1(sum) => sum.update(data),
            Sum::None => {}
        }
    }

    /// The checksum in hexadecimal digits; blanks when there is none. Those of xxHash start with the highest byte.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        match self {
            Sum::Xxh128(sum) => hex(&sum.digest128().to_be_bytes()),
            Sum::Xxh3(sum) => hex(&sum.digest().to_be_bytes()),
            Sum::Xxh64(sum) => hex(&sum.digest().to_be_bytes()),
            Sum::Md5(sum) => hex(&sum.finalize()),
            Sum::Md4(sum) => hex(&sum.finalize()),
            Sum::Sha1(sum) => hex(&sum.finalize()),
            Sum::None => vec![b' '; Algorithm::None.digits()],
        }
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)])).collect()
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn checksums_of_hello_are_those_rsync_shows() {
        let cases = [
            ("xxh128", "6bba86c7e069f56d5a10b435f1c8e49c"),
            ("XXH3", "99fc819aaba2462a"),
            ("xxh64", "e4c191d091bd8853"),
            ("md5", "b1946ac92492d2347c6235b4d2611184"),
            ("md4", "63481c78ae04c201fa01ea9d2b1db56d"),
            ("sha1", "f572d396fae9206628714fb2ce00f72e94f2258f"),
            ("none", "  "),
        ];
        for (name, expected) in cases {
            let algorithm = Algorithm::named(name.as_bytes()).unwrap();
            let mut sum = algorithm.start();
            sum.update(b"hel");
            sum.update(b"lo\n");
            let shown = String::from_utf8(sum.finish()).unwrap();
            assert_eq!((shown.as_str(), shown.len()), (expected, algorithm.digits()), "{name}");
        }
    }
}
