//! The wildcard matcher itself: `*`, `**`, `?` and classes over bytes.
//!
//! It walks the tokens once and keeps two places to go back to, the last `*` and the last `**`. An earlier star
//! never needs another try: the last `**` reaches whatever an earlier one reached, and between two `*` no slash
//! may be crossed by either. So the cost is bounded by length × tokens × slashes, never exponential.

/// One step of a wildcard pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This byte.
    Byte(u8),
    /// Any byte but a slash.
    Any,
    /// A byte of this set.
    Class(Box<Set>),
    /// Any run of bytes without a slash.
    Star,
    /// Any run of bytes.
    DoubleStar,
    /// Nothing: the pattern is malformed here.
    Never,
}

/// A set of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set([u64; 4]);

impl Set {
    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn remove(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] &= !(1 << (byte & 63));
    }

    fn invert(&mut self) {
        for word in &mut self.0 {
            *word = !*word;
        }
    }
}

/// A path with a slash that is not there at either end: what is matched without making a copy.
#[derive(Clone, Copy)]
pub(crate) struct Framed<'p> {
    pub(crate) head: &'static [u8],
    pub(crate) path: &'p [u8],
    pub(crate) tail: &'static [u8],
}

impl Framed<'_> {
    fn len(&self) -> usize {
        self.head.len() + self.path.len() + self.tail.len()
    }

    fn byte_at(&self, at: usize) -> u8 {
        let Some(in_path) = at.checked_sub(self.head.len()) else { return self.head[at] };
        match in_path.checked_sub(self.path.len()) {
            Some(in_tail) => self.tail[in_tail],
            None => self.path[in_path],
        }
    }
}

/// A compiled wildcard pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Box<[Token]>);

impl Glob {
    /// Compiles `pattern`; a malformed one matches nothing.
    pub(crate) fn new(pattern: &[u8]) -> Glob {
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((token, after)) = next_token(rest) {
            tokens.push(token);
            rest = after;
        }
        Glob(tokens.into_boxed_slice())
    }

    /// Whether all of `text` matches.
    pub(crate) fn matches(&self, text: &Framed<'_>) -> bool {
        let length = text.len();
        let byte_at = |at: usize| text.byte_at(at);
        let (mut at, mut step) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        let mut double: Option<(usize, usize)> = None;
        loop {
            match self.0.get(step) {
                Some(Token::Star) => {
                    step += 1;
                    star = Some((step, at));
                    continue;
                }
                Some(Token::DoubleStar) => {
                    step += 1;
                    double = Some((step, at));
                    star = None;
                    continue;
                }
                None if at == length => return true,
                Some(token) if at < length && accepts(token, byte_at(at)) => {
                    step += 1;
                    at += 1;
                    continue;
                }
                None | Some(_) => {}
            }
            if let Some((after, from)) = star.take()
                && from < length
                && byte_at(from) != b'/'
            {
                star = Some((after, from + 1));
                (step, at) = (after, from + 1);
            } else if let Some((after, from)) = double
                && from < length
            {
                double = Some((after, from + 1));
                (step, at) = (after, from + 1);
            } else {
                return false;
            }
        }
    }
}

/// Whether a token that takes one byte takes this one.
fn accepts(token: &Token, byte: u8) -> bool {
    match token {
        Token::Byte(wanted) => *wanted == byte,
        Token::Any => byte != b'/',
        Token::Class(set) => set.contains(byte),
        Token::Star | Token::DoubleStar | Token::Never => false,
    }
}

fn next_token(pattern: &[u8]) -> Option<(Token, &[u8])> {
    Some(match pattern {
        [] => return None,
        [b'*', b'*', rest @ ..] => {
            let run = rest.iter().take_while(|&&byte| byte == b'*').count();
            (Token::DoubleStar, &rest[run..])
        }
        [b'*', rest @ ..] => (Token::Star, rest),
        [b'?', rest @ ..] => (Token::Any, rest),
        [b'[', rest @ ..] => match parse_class(rest) {
            Some((set, after)) => (Token::Class(Box::new(set)), after),
            None => (Token::Never, &[]),
        },
        [b'\\', byte, rest @ ..] => (Token::Byte(*byte), rest),
        [byte, rest @ ..] => (Token::Byte(*byte), rest),
    })
}

/// Parses a class after its `[`; `None` when it never ends or names an unknown class.
fn parse_class(pattern: &[u8]) -> Option<(Set, &[u8])> {
    let mut set = Set([0; 4]);
    let (negated, mut rest) = match pattern {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, pattern),
    };
    let mut first = true;
    loop {
        match rest {
            [] => return None,
            [b']', after @ ..] if !first => {
                rest = after;
                break;
            }
            [b'[', b':', ..] if let Some((name, after)) = class_name(rest) => {
                add_named(&mut set, name)?;
                rest = after;
            }
            _ => {
                let (low, after) = class_byte(rest)?;
                rest = match after {
                    [b'-', next, ..] if *next != b']' => {
                        let (high, after) = class_byte(&after[1..])?;
                        // The low end counts even when the range is the wrong way round.
                        set.insert(low);
                        (low..=high).for_each(|byte| set.insert(byte));
                        after
                    }
                    _ => {
                        set.insert(low);
                        after
                    }
                };
            }
        }
        first = false;
    }
    if negated {
        set.invert();
    }
    set.remove(b'/');
    Some((set, rest))
}

/// The name in `[:name:]`, and what follows; without the closing `:]` the bracket is a byte like any other.
fn class_name(pattern: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = pattern.strip_prefix(b"[:")?;
    let end = inside.iter().position(|&byte| byte == b']')?;
    Some((inside[..end].strip_suffix(b":")?, &inside[end + 1..]))
}

/// One byte inside a class, a backslash escaping it.
fn class_byte(pattern: &[u8]) -> Option<(u8, &[u8])> {
    match pattern {
        [] | [b'\\'] => None,
        [b'\\', byte, rest @ ..] => Some((*byte, rest)),
        [byte, rest @ ..] => Some((*byte, rest)),
    }
}

/// Adds the bytes of a POSIX class such as `alpha`, as the C locale has them.
fn add_named(set: &mut Set, name: &[u8]) -> Option<()> {
    let holds: fn(u8) -> bool = match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| byte == b' ' || byte == b'\t',
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    };
    (0..=u8::MAX).filter(|&byte| holds(byte)).for_each(|byte| set.insert(byte));
    Some(())
}
