//! The character sets of names on the two sides (rsync(1), `--iconv`): open conversions, and what becomes of a name.
//!
//! Names travel as UTF-8 in between, as in rsync, so each is converted twice, and either side may find that it cannot.

use rsync_compat::exit::Exit;
use rsync_compat::options::charsets::{Charset, Charsets as Asked};
use rsync_compat::output::quote::push_octal;
use uring_ext::charset::{Conversion, of_locale};
use uring_ext::mode::errno::EILSEQ;

use crate::entry::join;
use crate::failure::{Cause, Fatal, Side};

/// What names are on their way from one side to the other.
const BETWEEN: &[u8] = b"UTF-8";

/// Open conversions between the sides' character sets.
#[derive(Debug)]
pub struct Charsets {
    local: Option<Ways>,
    remote: Option<Ways>,
    /// Where the run began, which the receiving side takes for the place of a list's names.
    cwd: Vec<u8>,
}

/// One side's character set, and the conversions to and from what is in between.
#[derive(Debug)]
struct Ways {
    name: Vec<u8>,
    to_between: Conversion,
    from_between: Conversion,
}

/// A text that one of the sides cannot convert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The side that cannot.
    pub side: Side,
    /// Why, as a number of iconv(3).
    pub errno: i32,
    /// The text as it came to that side.
    pub text: Vec<u8>,
}

impl Charsets {
    /// Opens what the two sides need.
    ///
    /// # Errors
    /// A character set that the C library does not know: exit 4 when it is the source's, 12 when it is the
    /// destination's, since rsync's other half ends then.
    pub fn open(asked: &Asked, cwd: &[u8]) -> Result<Charsets, Fatal> {
        let local = asked.local.as_ref().map(|set| Ways::open(set, Exit::Unsupported)).transpose()?;
        let remote = asked.remote.as_ref().map(|set| Ways::open(set, Exit::StreamIo)).transpose()?;
        Ok(Charsets { local, remote, cwd: cwd.to_vec() })
    }

    /// The name of the source side's character set.
    #[must_use]
    pub fn local_name(&self) -> Option<&[u8]> {
        self.local.as_ref().map(|ways| ways.name.as_slice())
    }

    /// The name of the destination side's.
    #[must_use]
    pub fn remote_name(&self) -> Option<&[u8]> {
        self.remote.as_ref().map(|ways| ways.name.as_slice())
    }

    /// A text of the source, a name or a link's, as the destination has it.
    ///
    /// # Errors
    /// One of the sides cannot convert it.
    pub fn to_remote(&self, text: &[u8]) -> Result<Vec<u8>, Refused> {
        let between = match &self.local {
            Some(ways) => converted(&ways.to_between, Side::Sender, text)?,
            None => text.to_vec(),
        };
        match &self.remote {
            Some(ways) => converted(&ways.from_between, Side::Receiver, &between),
            None => Ok(between),
        }
    }

    /// Converts one name to the destination's character set; what comes out must be a name again.
    ///
    /// # Errors
    /// As [`Charsets::to_remote`]; also what would be no name, or lead elsewhere.
    pub fn name_to_remote(&self, name: &[u8]) -> Result<Vec<u8>, Refused> {
        let remote = self.to_remote(name)?;
        let is_name = !matches!(remote.as_slice(), b"" | b"." | b"..")
            && !remote.iter().any(|byte| matches!(byte, b'/' | 0));
        if is_name { Ok(remote) } else { Err(Refused { side: Side::Receiver, errno: EILSEQ, text: remote }) }
    }

    /// A path of the source as it is on its way; what cannot be converted stays.
    #[must_use]
    pub fn between(&self, path: &[u8]) -> Vec<u8> {
        self.local.as_ref().map_or_else(|| path.to_vec(), |ways| kept(&ways.to_between, path))
    }

    /// A path of the destination, where the receiving side sees it when the list arrives.
    #[must_use]
    pub fn path_on_arrival(&self, rel: &[u8]) -> Vec<u8> {
        join(&self.cwd, rel)
    }

    /// A line of the destination side's as the source side shows it, quoted already; what cannot be converted is
    /// escaped.
    #[must_use]
    pub fn shown(&self, line: &[u8]) -> Vec<u8> {
        let between = self.of_remote(line);
        match &self.local {
            Some(ways) => ways.from_between.convert_lossy(&between, push_octal),
            None => between,
        }
    }

    /// The name of what was deleted likewise. rsync 3.5.0 converts it in the wrong direction: it shows only where the
    /// source side is not UTF-8 (`compat-tests/tests/iconv.rs`).
    #[must_use]
    pub fn shown_deleted(&self, name: &[u8]) -> Vec<u8> {
        let between = self.of_remote(name);
        self.local.as_ref().map_or_else(|| between.clone(), |ways| kept(&ways.to_between, &between))
    }

    fn of_remote(&self, text: &[u8]) -> Vec<u8> {
        self.remote.as_ref().map_or_else(|| text.to_vec(), |ways| kept(&ways.to_between, text))
    }
}

impl Ways {
    fn open(set: &Charset, exit: Exit) -> Result<Ways, Fatal> {
        let name = match set {
            Charset::OfLocale => of_locale(),
            Charset::Named(name) => name.clone(),
        };
        let refused = |_| Fatal { side: Side::Client, cause: Cause::Charset(name.clone()), exit };
        let to_between = Conversion::open(&name, BETWEEN).map_err(refused)?;
        let from_between = Conversion::open(BETWEEN, &name).map_err(refused)?;
        Ok(Ways { name, to_between, from_between })
    }
}

fn converted(conversion: &Conversion, side: Side, text: &[u8]) -> Result<Vec<u8>, Refused> {
    conversion.convert(text).map_err(|error| Refused {
        side,
        errno: error.raw_os_error().unwrap_or(EILSEQ),
        text: text.to_vec(),
    })
}

fn kept(conversion: &Conversion, text: &[u8]) -> Vec<u8> {
    conversion.convert_lossy(text, |out, byte| out.push(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(local: &str, remote: &str) -> Charsets {
        let named = |name: &str| Some(Charset::Named(name.as_bytes().to_vec()));
        Charsets::open(&Asked { local: named(local), remote: named(remote) }, b"/").unwrap()
    }

    #[test]
    fn names_are_converted_and_shown_again() {
        let sets = between("UTF-8", "latin1");
        assert_eq!(sets.name_to_remote("grün".as_bytes()).unwrap(), b"gr\xfcn");
        assert_eq!(sets.shown(b"gr\xfcn"), "grün".as_bytes());
        assert_eq!(sets.shown_deleted(b"gr\xfcn"), "grün".as_bytes());
        assert_eq!(between("UTF-8", "UTF-8").shown(b"\xff"), b"\\#377");
    }

    #[test]
    fn each_side_may_refuse() {
        let sets = between("UTF-8", "latin1");
        let refused = |side, errno, text: &[u8]| Err(Refused { side, errno, text: text.to_vec() });
        assert_eq!(sets.to_remote(b"\xff"), refused(Side::Sender, EILSEQ, b"\xff"));
        assert_eq!(sets.to_remote("€".as_bytes()), refused(Side::Receiver, EILSEQ, "€".as_bytes()));
    }

    #[test]
    fn nothing_becomes_a_way_out() {
        let sets = between("UTF-7", "UTF-8");
        for name in ["+AC4ALg-", "+AC8-", "a+AC8-b", "+AAA-"] {
            assert_eq!(sets.name_to_remote(name.as_bytes()).unwrap_err().errno, EILSEQ, "{name}");
        }
        assert_eq!(sets.to_remote(b"+AC4ALg-").unwrap(), b"..");
        assert!(between("UTF-8", "UTF-16LE").name_to_remote(b"a").is_err());
    }

    #[test]
    fn who_does_not_know_a_set_decides_the_exit_status() {
        let named = |name: &str| Some(Charset::Named(name.as_bytes().to_vec()));
        let code = |local, remote| Charsets::open(&Asked { local, remote }, b"/").unwrap_err().exit.code();
        assert_eq!(code(named("bogus"), named("UTF-8")), 4);
        assert_eq!(code(named("UTF-8"), named("bogus")), 12);
        assert_eq!(code(None, named("bogus")), 12);
    }
}
