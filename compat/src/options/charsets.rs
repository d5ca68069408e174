//! `--iconv`: which character sets the two sides have (rsync(1), `--iconv`).

use super::Bytes;
use super::draft::Draft;

/// The character sets of file names. Between the sides names are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charsets {
    /// On the side that reads the source; `None` takes its names to be UTF-8 without a look.
    pub local: Option<Charset>,
    /// On the side that writes the destination.
    pub remote: Option<Charset>,
}

/// A character set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charset {
    /// The one of the locale.
    OfLocale,
    /// By a name that iconv(3) knows.
    Named(Bytes),
}

impl Charset {
    fn of(name: &[u8]) -> Charset {
        match name {
            b"" | b"." => Charset::OfLocale,
            name => Charset::Named(name.to_vec()),
        }
    }
}

/// What was asked for on either side; a dash is no conversion at all.
pub(crate) fn settle(near: &Draft, far: &Draft) -> Option<Charsets> {
    let asked = |draft: &Draft| draft.iconv.clone().filter(|spec| spec != b"-");
    let local = asked(near).map(|spec| Charset::of(halves(&spec).0));
    if near.batch.reads {
        // What a batch has is in UTF-8, and we are the receiving side.
        return local.map(|local| Charsets { local: None, remote: Some(local) });
    }
    let remote = asked(far).map(|spec| Charset::of(halves(&spec).1));
    (local.is_some() || remote.is_some()).then_some(Charsets { local, remote })
}

/// `LOCAL,REMOTE`, or one for both.
pub(crate) fn halves(spec: &[u8]) -> (&[u8], &[u8]) {
    match spec.iter().position(|&byte| byte == b',') {
        Some(at) => (&spec[..at], &spec[at + 1..]),
        None => (spec, spec),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::number::Numerals;

    fn settled(iconv: Option<&str>, there: Option<&str>) -> Option<Charsets> {
        let mut draft = Draft::new(Numerals::C);
        draft.iconv = iconv.map(|spec| spec.as_bytes().to_vec());
        let mut far = draft.clone();
        far.iconv = there.map(|spec| spec.as_bytes().to_vec()).or(far.iconv);
        settle(&draft, &far)
    }

    fn named(name: &str) -> Option<Charset> {
        Some(Charset::Named(name.into()))
    }

    #[test]
    fn one_set_is_both_sides() {
        let both = |local, remote| Some(Charsets { local, remote });
        let locale = || Some(Charset::OfLocale);
        assert_eq!(settled(Some("utf8,latin1"), None), both(named("utf8"), named("latin1")));
        assert_eq!(settled(Some("utf8"), None), both(named("utf8"), named("utf8")));
        assert_eq!(settled(Some("utf8,"), None), both(named("utf8"), locale()));
        assert_eq!(settled(Some(".,b,c"), None), both(locale(), named("b,c")));
        assert_eq!(settled(Some("-,b"), None), both(named("-"), named("b")));
        assert_eq!(settled(Some("-"), None), None);
        assert_eq!(settled(None, None), None);
    }

    #[test]
    fn a_batch_is_in_utf8_and_becomes_the_local_set() {
        let mut draft = Draft::new(Numerals::C);
        draft.iconv = Some(b"latin1,utf8".to_vec());
        draft.batch.reads = true;
        assert_eq!(settle(&draft, &draft), Some(Charsets { local: None, remote: named("latin1") }));
    }

    #[test]
    fn the_far_side_may_differ() {
        let far = Some("koi8-r,latin1");
        let expected = Charsets { local: named("utf8"), remote: named("latin1") };
        assert_eq!(settled(Some("utf8"), far), Some(expected));
        assert_eq!(settled(None, far), Some(Charsets { local: None, remote: named("latin1") }));
        let raw = Charsets { local: named("latin1"), remote: None };
        assert_eq!(settled(Some("latin1"), Some("-")), Some(raw));
        assert_eq!(settled(None, Some("-")), None);
    }
}
