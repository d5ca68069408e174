//! Text from one character set to another, as the C library converts it (iconv(3)), and what it says of the locale:
//! what two programs make of a name is the same only when both ask the same library.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

// Neither is in the crate libc for Linux. The types are those of iconv.h and langinfo.h, in glibc and in musl.
unsafe extern "C" {
    fn iconv_open(to: *const c_char, from: *const c_char) -> *mut c_void;
    fn iconv(
        descriptor: *mut c_void,
        input: *mut *mut c_char,
        input_bytes: *mut usize,
        output: *mut *mut c_char,
        output_bytes: *mut usize,
    ) -> usize;
    fn iconv_close(descriptor: *mut c_void) -> c_int;
    fn nl_langinfo_l(item: c_int, locale: libc::locale_t) -> *mut c_char;
}

/// The item of nl_langinfo(3) that names the character set: the same number in glibc and in musl.
const CODESET: c_int = 14;
/// That which is the decimal point: the same in both as well.
const RADIXCHAR: c_int = 0x10000;
/// What iconv(3) answers when it did not get to the end.
const UNFINISHED: usize = usize::MAX;
/// Room that is added to the output at a time, in bytes.
const ROOM_BYTES: usize = 64;

/// A conversion from one character set to another. Threads that share it take turns.
#[derive(Debug)]
pub struct Conversion {
    descriptor: Mutex<Descriptor>,
}

/// What iconv_open(3) gave.
#[derive(Debug)]
struct Descriptor(*mut c_void);

// SAFETY: a descriptor belongs to no thread; it must only not be used by two at once, which the lock sees to.
unsafe impl Send for Descriptor {}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: it came from iconv_open, and nobody uses it any more. Closing one that is open does not fail.
        unsafe { iconv_close(self.0) };
    }
}

impl Conversion {
    /// A conversion between two character sets, by the names that `iconv --list` has.
    ///
    /// # Errors
    /// EINVAL: the library does not know one of them, or not how to get from one to the other.
    pub fn open(from: &[u8], to: &[u8]) -> io::Result<Conversion> {
        let invalid = |_| io::Error::from_raw_os_error(libc::EINVAL);
        let (from, to) = (CString::new(from).map_err(invalid)?, CString::new(to).map_err(invalid)?);
        // SAFETY: both are strings that end in NUL, and are only read.
        let descriptor = unsafe { iconv_open(to.as_ptr(), from.as_ptr()) };
        if descriptor as usize == UNFINISHED {
            return Err(io::Error::last_os_error());
        }
        Ok(Conversion { descriptor: Mutex::new(Descriptor(descriptor)) })
    }

    /// Converts a whole text. Nothing is put behind it to end a shift, as character sets with a state may want.
    ///
    /// # Errors
    /// EILSEQ for bytes that mean nothing or cannot be expressed, EINVAL for a character that the text breaks off in.
    pub fn convert(&self, text: &[u8]) -> io::Result<Vec<u8>> {
        self.run(text, |_, _, error| Err(error))
    }

    /// The same; of bytes that cannot be converted, one at a time, `bad` appends what is to stand for them.
    pub fn convert_lossy(&self, text: &[u8], mut bad: impl FnMut(&mut Vec<u8>, u8)) -> Vec<u8> {
        let kept = self.run(text, |out, byte, _| {
            bad(out, byte);
            Ok(())
        });
        kept.unwrap_or_default()
    }

    fn run(
        &self,
        text: &[u8],
        mut bad: impl FnMut(&mut Vec<u8>, u8, io::Error) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let descriptor = self.descriptor.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the descriptor is open and ours alone; without input and output it only begins anew.
        unsafe { iconv(descriptor.0, null_mut(), null_mut(), null_mut(), null_mut()) };
        let (mut out, mut rest) = (Vec::with_capacity(text.len() + ROOM_BYTES), text);
        while !rest.is_empty() {
            let error = match step(&descriptor, &mut rest, &mut out) {
                Ok(()) => break,
                Err(error) => error,
            };
            match (error.raw_os_error(), rest.split_first()) {
                (Some(libc::E2BIG), _) => out.reserve(out.capacity() + ROOM_BYTES),
                (_, Some((&byte, behind))) => {
                    bad(&mut out, byte, error)?;
                    rest = behind;
                }
                (_, None) => return Err(error),
            }
        }
        Ok(out)
    }
}

/// Converts as far as it goes into the room that there is.
fn step(descriptor: &Descriptor, rest: &mut &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let (mut from, mut from_bytes) = (rest.as_ptr().cast::<c_char>().cast_mut(), rest.len());
    let room = out.spare_capacity_mut();
    let (mut to, mut to_bytes) = (room.as_mut_ptr().cast::<c_char>(), room.len());
    // SAFETY: input and output are as long as is said, and iconv only reads the one and only writes the other.
    let answer = unsafe { iconv(descriptor.0, &mut from, &mut from_bytes, &mut to, &mut to_bytes) };
    let error = io::Error::last_os_error();
    let written = room.len() - to_bytes;
    // SAFETY: iconv has written so many bytes into the room behind the ones that were there.
    unsafe { out.set_len(out.len() + written) };
    *rest = &rest[rest.len() - from_bytes..];
    if answer == UNFINISHED { Err(error) } else { Ok(()) }
}

/// The name of the character set of the locale that the environment names; of `C` where it is none.
#[must_use]
pub fn of_locale() -> Vec<u8> {
    item_of_locale(libc::LC_CTYPE_MASK, CODESET).unwrap_or_else(|| b"ANSI_X3.4-1968".to_vec())
}

/// The decimal point of the locale that the environment names; of `C` where it is none.
#[must_use]
pub fn decimal_point() -> Vec<u8> {
    item_of_locale(libc::LC_NUMERIC_MASK, RADIXCHAR).unwrap_or_else(|| b".".to_vec())
}

/// What the locale says of something (nl_langinfo(3)); `None` where not even `C` can be had.
fn item_of_locale(category: c_int, item: c_int) -> Option<Vec<u8>> {
    let made = [c"", c"C"].into_iter().map(|named| {
        // SAFETY: the name is a string; no locale is changed, one is made.
        unsafe { libc::newlocale(category, named.as_ptr(), null_mut()) }
    });
    let locale = made.into_iter().find(|locale| !locale.is_null())?;
    // SAFETY: the locale was made above and is not freed yet, so neither is the string, which is copied.
    let text = unsafe {
        let text = nl_langinfo_l(item, locale);
        if text.is_null() { Vec::new() } else { CStr::from_ptr(text).to_bytes().to_vec() }
    };
    // SAFETY: nobody uses it any more.
    unsafe { libc::freelocale(locale) };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_converted_both_ways() {
        let there = Conversion::open(b"latin1", b"UTF-8").unwrap();
        let back = Conversion::open(b"UTF-8", b"latin1").unwrap();
        let utf8 = there.convert(b"gr\xfcn").unwrap();
        assert_eq!(utf8, "grün".as_bytes());
        assert_eq!(back.convert(&utf8).unwrap(), b"gr\xfcn");
    }

    #[test]
    fn what_cannot_be_converted_is_refused_or_kept() {
        let to_latin1 = Conversion::open(b"UTF-8", b"latin1").unwrap();
        let refused = |text: &[u8]| to_latin1.convert(text).unwrap_err().raw_os_error();
        assert_eq!(refused("a€".as_bytes()), Some(libc::EILSEQ));
        assert_eq!(refused(b"a\xff"), Some(libc::EILSEQ));
        assert_eq!(refused(b"a\xe2\x82"), Some(libc::EINVAL));
        assert_eq!(
            to_latin1.convert_lossy("ä€b".as_bytes(), |out, byte| out.push(byte)),
            b"\xe4\xe2\x82\xacb"
        );
    }

    #[test]
    fn text_may_grow_as_long_as_it_likes() {
        let wide = Conversion::open(b"latin1", b"UTF-32LE").unwrap();
        assert_eq!(wide.convert(&[b'x'; 3000]).unwrap().len(), 12_000);
        assert_eq!(wide.convert(b"").unwrap(), b"");
    }

    #[test]
    fn unknown_character_sets_are_errors() {
        assert_eq!(
            Conversion::open(b"no-such-set", b"UTF-8").unwrap_err().raw_os_error(),
            Some(libc::EINVAL)
        );
        assert!(Conversion::open(b"UTF-8\0", b"UTF-8").is_err());
        assert!(Conversion::open(b"UTF-8", &of_locale()).is_ok());
    }

    #[test]
    fn threads_share_one() {
        let conversion = Conversion::open(b"latin1", b"UTF-8").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let converted = conversion.convert(b"\xe4\xf6").unwrap();
                        assert_eq!(converted, "äö".as_bytes());
                    }
                });
            }
        });
    }
}
