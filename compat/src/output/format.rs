//! `--out-format` and `--log-file-format`: parsed once, rendered per item (rsync(1), --out-format;
//! rsyncd.conf(5), log format).

use super::itemize::Letters;
use super::number::{Human, Numbers, Numerals, number};
use super::time::{LocalTime, permissions};

/// What `-v` alone prints for an item.
pub const NAMES: &[u8] = b"%n%L";
/// What `-i` prints for an item, and the log file by default.
pub const ITEMIZED: &[u8] = b"%i %n%L";

/// Where an item's name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsTo<'a> {
    /// Nowhere.
    Nothing,
    /// A symlink's text.
    Symlink(&'a [u8]),
    /// The name a hard link was made to.
    HardLink(&'a [u8]),
}

/// What was done, for `%o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Everything a local copy does but deleting.
    Send,
    /// The same out of a batch.
    Receive,
    /// A deletion.
    Delete,
}

/// The group, as `%G` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Its number.
    Id(u32),
    /// Groups are not preserved.
    Default,
}

/// The full-file checksum, for `%C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum<'a> {
    /// Its bytes in hexadecimal.
    Hex(&'a [u8]),
    /// Not known: so many blanks, two for each byte of the algorithm.
    Unknown {
        /// How many digits it would have.
        digits: usize,
    },
}

/// What the escapes are filled from. Names come quoted, as [`quote_into`](super::quote::quote_into) leaves them.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// `%n`: the name within the transfer; a directory's ends in a slash.
    pub name: &'a [u8],
    /// `%f`: the name as the sender found it, relative to the current directory, without leading slash.
    pub long_name: &'a [u8],
    /// `%L`.
    pub leads_to: LeadsTo<'a>,
    /// `%i`.
    pub letters: Letters,
    /// `%l`.
    pub size_bytes: i64,
    /// `%B`; 0 for a deletion.
    pub mode: u32,
    /// `%U`.
    pub uid: u32,
    /// `%G`.
    pub group: Group,
    /// `%M`.
    pub mtime: LocalTime,
    /// `%t`.
    pub now: LocalTime,
    /// `%p`.
    pub pid: u32,
    /// `%o`.
    pub operation: Operation,
    /// `%b`.
    pub sent_bytes: i64,
    /// `%c`.
    pub basis_sums_bytes: i64,
    /// `%C`.
    pub checksum: Checksum<'a>,
}

/// An escape's letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Sent,
    Permissions,
    BasisSums,
    Checksum,
    LongName,
    Group,
    Letters,
    Size,
    LeadsTo,
    Module,
    Mtime,
    Name,
    Operation,
    Pid,
    Now,
    Uid,
    Percent,
}

/// Which side of its width a field keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Right,
    Left,
}

/// What fills a number up to its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    Blanks,
    Zeros,
}

/// How a field is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    width: usize,
    align: Align,
    fill: Fill,
    numbers: Numbers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<[u8]>),
    Field(Field, Layout),
}

/// A parsed format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(Box<[Piece]>);

/// Widths beyond this are cut; rsync itself ends the run with "log-format string is WAY too long!".
const WIDTH_MAX: usize = 4096;

impl Format {
    /// Parses `text`; what is no escape stays as it is.
    #[must_use]
    pub fn parse(text: &[u8], numerals: Numerals) -> Format {
        let mut pieces = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            if byte == b'%'
                && let Some((field, layout, after_escape)) = parse_escape(after, numerals)
            {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
                }
                pieces.push(Piece::Field(field, layout));
                rest = after_escape;
                continue;
            }
            plain.push(byte);
            rest = after;
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain.into()));
        }
        Format(pieces.into())
    }

    fn has(&self, wanted: &[Field]) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Field(field, _) => wanted.contains(field),
        })
    }

    /// Whether a file's line is told when its data has moved: it says how much did, or its checksum.
    #[must_use]
    pub fn comes_late(&self) -> bool {
        self.needs_transfer_end() || self.needs_checksum()
    }

    /// Whether a line can only be printed after the transfer (`%b`, `%c`).
    #[must_use]
    pub fn needs_transfer_end(&self) -> bool {
        self.has(&[Field::Sent, Field::BasisSums])
    }

    /// Whether somebody must compute checksums (`%C`).
    #[must_use]
    pub fn needs_checksum(&self) -> bool {
        self.has(&[Field::Checksum])
    }

    /// Whether the line itemizes (`%i`): then items whose attributes alone change have lines too.
    #[must_use]
    pub fn itemizes(&self) -> bool {
        self.has(&[Field::Letters])
    }

    /// Whether a deletion has a line of this format (`%i`, `%o`); without these rsync says `deleting NAME`, whatever
    /// the format is.
    #[must_use]
    pub fn describes_deletions(&self) -> bool {
        self.has(&[Field::Letters, Field::Operation])
    }

    /// Appends the item's line, without a newline.
    pub fn render(&self, item: &Item<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Field(field, layout) => render_field(*field, layout, item, out),
            }
        }
    }
}

/// Parses what follows a `%`: apostrophes, `-`, a width, apostrophes, a letter.
fn parse_escape(text: &[u8], numerals: Numerals) -> Option<(Field, Layout, &[u8])> {
    let mut rest = text;
    let mut human_level = 0;
    let mut take_apostrophes = |rest: &mut &[u8]| {
        while let [b'\'', after @ ..] = *rest {
            human_level += 1;
            *rest = after;
        }
    };
    take_apostrophes(&mut rest);
    let align = match rest {
        [b'-', after @ ..] => {
            rest = after;
            Align::Left
        }
        _ => Align::Right,
    };
    let fill = if rest.first() == Some(&b'0') { Fill::Zeros } else { Fill::Blanks };
    let mut width = 0_usize;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        width = width.saturating_mul(10).saturating_add(usize::from(digit - b'0')).min(WIDTH_MAX);
        rest = after;
    }
    take_apostrophes(&mut rest);
    let (letter, after) = rest.split_first()?;
    let numbers = Numbers { human: Human::from_level(human_level), numerals };
    let layout = Layout { width, align, fill, numbers };
    Some((field_of(*letter)?, layout, after))
}

/// Locally `%a`, `%h`, `%P` and `%u` mean nothing and stay as they are; `%m` is empty.
fn field_of(letter: u8) -> Option<Field> {
    Some(match letter {
        b'b' => Field::Sent,
        b'B' => Field::Permissions,
        b'c' => Field::BasisSums,
        b'C' => Field::Checksum,
        b'f' => Field::LongName,
        b'G' => Field::Group,
        b'i' => Field::Letters,
        b'l' => Field::Size,
        b'L' => Field::LeadsTo,
        b'm' => Field::Module,
        b'M' => Field::Mtime,
        b'n' => Field::Name,
        b'o' => Field::Operation,
        b'p' => Field::Pid,
        b't' => Field::Now,
        b'U' => Field::Uid,
        b'%' => Field::Percent,
        _ => return None,
    })
}

fn render_field(field: Field, layout: &Layout, item: &Item<'_>, out: &mut Vec<u8>) {
    let mut date = Vec::new();
    match field {
        Field::Sent => pad(out, &number(item.sent_bytes, layout.numbers), layout),
        Field::BasisSums => pad(out, &number(item.basis_sums_bytes, layout.numbers), layout),
        Field::Size => pad(out, &number(item.size_bytes, layout.numbers), layout),
        Field::Permissions => pad(out, &permissions(item.mode), layout),
        Field::LongName => pad(out, item.long_name, layout),
        Field::Name => pad(out, item.name, layout),
        Field::Letters => pad(out, &item.letters, layout),
        Field::Module => pad(out, b"", layout),
        Field::Percent => pad(out, b"%", layout),
        Field::Operation => pad(out, operation_name(item.operation), layout),
        Field::Pid => pad_id(out, item.pid, layout),
        Field::Uid => pad_id(out, item.uid, layout),
        Field::Group => match item.group {
            Group::Id(gid) => pad_id(out, gid, layout),
            Group::Default => pad(out, b"DEFAULT", layout),
        },
        Field::Mtime => {
            item.mtime.push(&mut date, '-');
            pad(out, &date, layout);
        }
        Field::Now => {
            item.now.push(&mut date, ' ');
            pad(out, &date, layout);
        }
        Field::Checksum => match item.checksum {
            Checksum::Hex(digits) => pad(out, digits, layout),
            // The blanks take no notice of a width.
            Checksum::Unknown { digits } => out.extend(std::iter::repeat_n(b' ', digits)),
        },
        Field::LeadsTo => render_leads_to(item.leads_to, layout, out),
    }
}

fn operation_name(operation: Operation) -> &'static [u8] {
    match operation {
        Operation::Send => b"send",
        Operation::Receive => b"recv",
        Operation::Delete => b"del.",
    }
}

/// The width is that of the name alone; without a name the arrow becomes blanks when there is a width.
fn render_leads_to(leads_to: LeadsTo<'_>, layout: &Layout, out: &mut Vec<u8>) {
    let (arrow, name): (&[u8], &[u8]) = match leads_to {
        LeadsTo::Nothing if layout.width == 0 => return,
        LeadsTo::Nothing => (b"    ", b""),
        LeadsTo::Symlink(target) => (b" -> ", target),
        LeadsTo::HardLink(leader) => (b" => ", leader),
    };
    out.extend_from_slice(arrow);
    pad(out, name, layout);
}

/// Ids are the only numbers that `%08U` fills with zeros.
fn pad_id(out: &mut Vec<u8>, id: u32, layout: &Layout) {
    let digits = id.to_string();
    if layout.fill == Fill::Zeros && layout.align == Align::Right {
        out.extend(std::iter::repeat_n(b'0', layout.width.saturating_sub(digits.len())));
        out.extend_from_slice(digits.as_bytes());
    } else {
        pad(out, digits.as_bytes(), layout);
    }
}

fn pad(out: &mut Vec<u8>, text: &[u8], layout: &Layout) {
    let blanks = std::iter::repeat_n(b' ', layout.width.saturating_sub(text.len()));
    match layout.align {
        Align::Right => {
            out.extend(blanks);
            out.extend_from_slice(text);
        }
        Align::Left => {
            out.extend_from_slice(text);
            out.extend(blanks);
        }
    }
}

#[cfg(test)]
mod tests;
