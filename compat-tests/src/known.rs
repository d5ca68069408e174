//! Known differences from rsync 3.5.0, each with its reason.
//!
//! A test cites one by name ([`crate::Case::known`]). Then lines of its report that contain `line` are accepted, and
//! the test fails when there is no such line any more: a difference that went away leaves this list.

/// One difference that we accept.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What tests call it.
    pub name: &'static str,
    /// Part of the line in which the difference shows.
    pub line: &'static str,
    /// Why it stays.
    pub reason: &'static str,
}

/// All of them.
pub const KNOWN: &[Known] = &[];

/// The difference of that name.
///
/// # Panics
/// When the list has no such name.
pub fn named(name: &str, list: &[Known]) -> Known {
    *list
        .iter()
        .find(|known| known.name == name)
        .unwrap_or_else(|| panic!("known.rs lists no difference {name:?}"))
}

/// Takes accepted lines out of a report; says so when an expected one is not there.
pub fn judge(report: Vec<String>, expected: &[Known]) -> Vec<String> {
    let (accepted, mut rest): (Vec<String>, Vec<String>) =
        report.into_iter().partition(|line| expected.iter().any(|known| line.contains(known.line)));
    for known in expected {
        if !accepted.iter().any(|line| line.contains(known.line)) {
            rest.push(format!(
                "the known difference {:?} ({}) is gone: take it out of known.rs and of this test",
                known.name, known.reason
            ));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::{Known, judge};

    const EXPECTED: &[Known] = &[Known { name: "n", line: "mode", reason: "r" }];

    #[test]
    fn an_expected_difference_is_accepted_and_its_absence_is_not() {
        assert_eq!(judge(vec!["f: mode: 1 / 2".into()], EXPECTED), Vec::<String>::new());
        assert_eq!(
            judge(vec!["f: mode: 1 / 2".into(), "f: size".into()], EXPECTED),
            vec!["f: size".to_owned()]
        );
        assert_eq!(judge(Vec::new(), EXPECTED).len(), 1);
    }
}
