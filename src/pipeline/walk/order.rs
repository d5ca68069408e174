//! Sorting the names of one directory in rsync's order, without looking at most names twice.

use std::cmp::Ordering;

use crate::entry::{Kind, Sibling, sibling_order};
use crate::pipeline::handles::name::{Double, Name};
use crate::report::Place;

/// More names than this are sorted where they are: keys for all of them would take memory of their own.
const KEYED_MAX: usize = 16 << 10;

/// What most names can be told apart by: whether it is a directory, and the bytes that follow what all names begin
/// with.
#[derive(Clone, Copy)]
struct Key {
    is_dir: bool,
    head: u64,
    index: u32,
}

/// Finds the places of dropped entries that are no directories while what has their name is one: they stand among
/// files. What has no entry before it stays with its name.
pub fn place_doubles(names: &mut [Name], top: Option<Place>) {
    let is_apart = |double: &Double| double.kind.is_some_and(|kind| kind != Kind::Dir);
    for at in 0..names.len() {
        if names[at].kind != Some(Kind::Dir) || !names[at].doubles().iter().any(is_apart) {
            continue;
        }
        let as_file = Sibling { name: names[at].name.to_bytes(), is_dir: false };
        let comes_before = |other: &&Name| sibling_order(sibling(other), as_file).is_lt();
        let last = names.iter().rfind(comes_before).map(|other| Place::Slot(other.slot)).or(top);
        for double in names[at].extra().doubles.iter_mut().filter(|double| is_apart(double)) {
            double.behind = last;
        }
    }
}

/// Sorts them: what is no directory first, then by bytes.
pub fn sort(names: &mut [Name]) {
    if names.len() > KEYED_MAX {
        return names.sort_unstable_by(compare);
    }
    let common = common_prefix_bytes(names);
    let mut keys: Vec<Key> = (0..).zip(names.iter()).map(|(index, name)| key(name, common, index)).collect();
    keys.sort_unstable_by(|a, b| {
        let by_key = a.is_dir.cmp(&b.is_dir).then(a.head.cmp(&b.head));
        by_key.then_with(|| compare(&names[a.index as usize], &names[b.index as usize]))
    });
    // Each name goes to its place; one that was moved away before is found where it went.
    for place in 0..keys.len() {
        let mut from = keys[place].index as usize;
        while from < place {
            from = keys[from].index as usize;
        }
        keys[place].index = u32::try_from(from).unwrap_or(u32::MAX);
        names.swap(place, from);
    }
}

fn is_dir(name: &Name) -> bool {
    name.kind == Some(Kind::Dir)
}

fn compare(a: &Name, b: &Name) -> Ordering {
    sibling_order(sibling(a), sibling(b))
}

fn sibling(name: &Name) -> Sibling<'_> {
    Sibling { name: name.name.to_bytes(), is_dir: is_dir(name) }
}

fn common_prefix_bytes(names: &[Name]) -> usize {
    let Some((first, rest)) = names.split_first() else { return 0 };
    let first = first.name.to_bytes();
    rest.iter().fold(first.len(), |common, name| {
        first[..common].iter().zip(name.name.to_bytes()).take_while(|(a, b)| a == b).count()
    })
}

/// Names that end early compare less, as no name has a NUL in it; directories compare as if they ended in a slash.
fn key(name: &Name, common: usize, index: u32) -> Key {
    let rest = &name.name.to_bytes()[common..];
    let is_dir = is_dir(name);
    let mut head = [0; 8];
    let length = rest.len().min(head.len());
    head[..length].copy_from_slice(&rest[..length]);
    if is_dir && length < head.len() {
        head[length] = b'/';
    }
    Key { is_dir, head: u64::from_be_bytes(head), index }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use uring_ext::FileName;

    use super::*;

    fn name(text: &str, kind: Kind) -> Name {
        let name = CString::new(text).unwrap().as_c_str().into();
        Name { name, slot: 0, ino: 0, source: 0, kind: Some(kind), extra: None }
    }

    /// Names that share beginnings, end early, and hold bytes around the slash.
    fn names(count: u32) -> Vec<Name> {
        let mut word = 1_u64;
        let mut next = |below: u64| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (word >> 33) % below
        };
        let letters = ['a', '-', '.', '0', 'b', '\u{e9}'];
        (0..count)
            .map(|_| {
                let length = next(12);
                let rest: String = (0..length).map(|_| letters[next(6) as usize]).collect();
                let kind = if next(3) == 0 { Kind::Dir } else { Kind::File };
                name(&format!("same{rest}"), kind)
            })
            .collect()
    }

    #[test]
    fn keys_sort_as_whole_names_do() {
        for count in [0, 1, 2, 3, 17, 500] {
            let (mut keyed, mut plain) = (names(count), names(count));
            sort(&mut keyed);
            plain.sort_by(compare);
            let shown = |names: &[Name]| -> Vec<(FileName, Option<Kind>)> {
                names.iter().map(|name| (name.name.clone(), name.kind)).collect()
            };
            assert_eq!(shown(&keyed), shown(&plain));
        }
    }
}
