//! The option that somebody may have meant who typed another name.

use super::table::rows;

/// So many letters may be wrong.
const WRONG_MAX: usize = 2;

/// The nearest name, when one is near enough; without dashes, like `typed`.
#[must_use]
pub fn nearest(typed: &str) -> Option<&'static str> {
    let names = rows().filter(|row| !row.help.is_empty()).flat_map(|row| {
        [row.long].into_iter().chain(row.alias.iter().copied()).chain(row.no.iter().copied())
    });
    let near = names.filter(|name| name.len() > WRONG_MAX).map(|name| (distance(typed, name), name));
    near.min_by_key(|(wrong, _)| *wrong).filter(|(wrong, _)| *wrong <= WRONG_MAX).map(|(_, name)| name)
}

/// How many letters must be changed, added or taken away.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (index, against) in other.iter().enumerate() {
            let kept = corner + usize::from(letter != *against);
            corner = row[index + 1];
            row[index + 1] = kept.min(corner + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("delte", "delete"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("recursve"), Some("recursive"));
        assert_eq!(nearest("no-perm"), Some("no-perms"));
        assert_eq!(nearest("sumary"), Some("summary"));
        assert_eq!(nearest("something"), None);
    }
}
