//! The language of `--chmod` (rsync(1), --chmod).

/// What a mode belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeKind {
    /// A directory: `D` items apply, and `X` means `x`.
    Directory,
    /// Anything else: `F` items apply.
    Other,
}

/// What one item applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Both,
    Directories,
    Files,
}

/// The sign between who and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Add,
    Remove,
    Set,
}

/// What an item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// An octal number: all twelve bits.
    Absolute(u32),
    /// Letters.
    Letters { who: Who, sign: Sign, what: What },
}

/// Whose bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Nobody was named: everybody's, but for the umask.
    Unnamed,
    /// A mask of 0o100, 0o010, 0o001.
    Named(u32),
}

/// Which bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Permission letters.
    Bits {
        /// Of `r` 4, `w` 2, `x` and `X` 1.
        permissions: u32,
        /// Whether `X` was among them: no `x` unless some `x` or a directory.
        execute: Execute,
        /// Of set-id 0o4000 and 0o2000 as the named ones have them, sticky 0o1000.
        special: u32,
    },
    /// A copy of the bits that are this many places up.
    CopyOf(u32),
}

/// Whether `x` bits depend on the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Execute {
    Always,
    IfAny,
}

/// One comma-separated item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    target: Target,
    effect: Effect,
}

/// A parsed `--chmod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chmod(Vec<Item>);

/// A `--chmod` that rsync refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChmodError(Vec<u8>);

impl ChmodError {
    /// rsync's line, without newline; exit 1.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        [b"rsync: Invalid argument passed to --chmod (", self.0.as_slice(), b")"].concat()
    }
}

const PERMISSIONS: u32 = 0o777;
const ALL: u32 = 0o7777;
const SET_UID: u32 = 0o4000;
const SET_GID: u32 = 0o2000;
const STICKY: u32 = 0o1000;
const EXECUTE: u32 = 0o111;

impl Chmod {
    /// Parses a whole argument.
    ///
    /// # Errors
    /// The argument, when any item is malformed.
    pub fn parse(text: &[u8]) -> Result<Chmod, ChmodError> {
        let items: Option<Vec<Item>> = text.split(|&byte| byte == b',').map(parse_item).collect();
        items.map(Chmod).ok_or_else(|| ChmodError(text.to_vec()))
    }

    /// Adds the items of a later `--chmod`, which are applied after these.
    pub fn append(&mut self, later: Chmod) {
        self.0.extend(later.0);
    }

    /// The mode as changed, of its low twelve bits; `umask` limits items that name nobody.
    #[must_use]
    pub fn apply(&self, mode: u32, kind: ModeKind, umask: u32) -> u32 {
        let setting = Setting { original: mode, kind, umask };
        self.0.iter().filter(|item| item.concerns(kind)).fold(mode & ALL, |mode, item| match item.effect {
            Effect::Absolute(new) => new,
            Effect::Letters { who, sign, what } => change(mode, who, sign, what, &setting),
        })
    }
}

/// What a change depends on beside the mode.
struct Setting {
    /// The mode before any item: `X` means `x` where an `x` is in it, whatever earlier items gave or took.
    original: u32,
    kind: ModeKind,
    umask: u32,
}

impl Item {
    fn concerns(&self, kind: ModeKind) -> bool {
        match self.target {
            Target::Both => true,
            Target::Directories => kind == ModeKind::Directory,
            Target::Files => kind == ModeKind::Other,
        }
    }
}

fn parse_item(text: &[u8]) -> Option<Item> {
    let (target, text) = match text {
        [b'D', rest @ ..] => (Target::Directories, rest),
        [b'F', rest @ ..] => (Target::Files, rest),
        _ => (Target::Both, text),
    };
    let effect = match text {
        [b'0'..=b'9', ..] => Effect::Absolute(parse_octal(text)?),
        _ => parse_letters(text)?,
    };
    Some(Item { target, effect })
}

fn parse_octal(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |value: u32, digit| match digit {
        b'0'..=b'7' => Some(value * 8 + u32::from(digit - b'0')).filter(|value| *value <= ALL),
        _ => None,
    })
}

fn parse_letters(text: &[u8]) -> Option<Effect> {
    let length = text.iter().take_while(|byte| matches!(byte, b'u' | b'g' | b'o' | b'a')).count();
    let (named, rest) = text.split_at(length);
    let mask = named.iter().fold(0, |mask, letter| {
        mask | match letter {
            b'u' => 0o100,
            b'g' => 0o010,
            b'o' => 0o001,
            _ => 0o111,
        }
    });
    let who = if named.is_empty() { Who::Unnamed } else { Who::Named(mask) };
    let (sign, letters) = match rest {
        [b'+', letters @ ..] => (Sign::Add, letters),
        [b'-', letters @ ..] => (Sign::Remove, letters),
        [b'=', letters @ ..] => (Sign::Set, letters),
        _ => return None,
    };
    let what = match letters {
        b"u" => What::CopyOf(6),
        b"g" => What::CopyOf(3),
        b"o" => What::CopyOf(0),
        _ => parse_bits(letters, who)?,
    };
    Some(Effect::Letters { who, sign, what })
}

fn parse_bits(letters: &[u8], who: Who) -> Option<What> {
    let (mut permissions, mut special, mut execute) = (0, 0, Execute::Always);
    for letter in letters {
        match letter {
            b'r' => permissions |= 4,
            b'w' => permissions |= 2,
            b'x' => permissions |= 1,
            b'X' => {
                permissions |= 1;
                execute = Execute::IfAny;
            }
            // For "others" or nobody by name, rsync's `s` forgets a `t` before it.
            b's' if !names_user_or_group(who) => special = SET_UID,
            b's' => special |= set_id_bits(who),
            b't' => special |= STICKY,
            _ => return None,
        }
    }
    Some(What::Bits { permissions, execute, special })
}

fn names_user_or_group(who: Who) -> bool {
    match who {
        Who::Named(mask) => mask & 0o110 != 0,
        Who::Unnamed => false,
    }
}

/// `s` means set-uid unless the group is named; both when user and group are.
fn set_id_bits(who: Who) -> u32 {
    match who {
        Who::Named(mask) if mask & 0o110 == 0o110 => SET_UID | SET_GID,
        Who::Named(mask) if mask & 0o010 != 0 => SET_GID,
        Who::Named(_) | Who::Unnamed => SET_UID,
    }
}

fn change(mode: u32, who: Who, sign: Sign, what: What, setting: &Setting) -> u32 {
    let (mask, allowed) = match who {
        Who::Unnamed => (EXECUTE, PERMISSIONS & !setting.umask),
        Who::Named(mask) => (mask, PERMISSIONS),
    };
    let (permissions, special) = match what {
        What::CopyOf(shift) => (mode >> shift & 7, 0),
        What::Bits { permissions, execute, special } => {
            let any = setting.original & EXECUTE != 0 || setting.kind == ModeKind::Directory;
            let drops = execute == Execute::IfAny && !any;
            (if drops { permissions & !1 } else { permissions }, special)
        }
    };
    let bits = ((permissions * mask) & allowed) | special;
    match sign {
        Sign::Add => mode | bits,
        Sign::Remove => mode & !bits,
        Sign::Set => mode & !cleared_by_set(mask, who, what) | bits,
    }
}

/// `=` clears the permissions of those it is for. Their special bits go too when something is copied,
/// and their set-id bits when `s` or `t` is given to somebody by name.
fn cleared_by_set(mask: u32, who: Who, what: What) -> u32 {
    let set_id = if mask & 0o100 != 0 { SET_UID } else { 0 } | if mask & 0o010 != 0 { SET_GID } else { 0 };
    let sticky = if mask & 0o001 != 0 { STICKY } else { 0 };
    let special = match (what, who) {
        (What::CopyOf(_), _) => set_id | sticky,
        (What::Bits { special, .. }, Who::Named(_)) if special != 0 => set_id,
        (What::Bits { .. }, _) => 0,
    };
    (mask * 7) | special
}

#[cfg(test)]
mod tests;
