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
pub const KNOWN: &[Known] = &[
    Known {
        name: "xattrs of links",
        line: "xattr trusted.link",
        reason: "rsync forgets the extended attributes of a symbolic link that it makes beside an alternate destination",
    },
    Known {
        name: "capabilities",
        line: "xattr security.capability",
        reason: "rsync loses the capabilities of a file that --copy-dest copies and chowns",
    },
    Known {
        name: "made through an untrusted link: line",
        line: "created directory",
        reason: "rsync makes the last directory of a destination through a link that it then refuses to follow",
    },
    Known {
        name: "made through an untrusted link: directory",
        line: "real",
        reason: "rsync makes the last directory of a destination through a link that it then refuses to follow",
    },
    Known {
        name: "kept link: directory",
        line: "d/real: mtime",
        reason: "with -K rsync gives the link the time that the directory it leads to should get",
    },
    Known {
        name: "kept link: link",
        line: "d/sub: mtime",
        reason: "with -K rsync gives the link the time that the directory it leads to should get",
    },
    Known {
        name: "a backup that is refused",
        line: "in/d: mtime",
        reason: "rsync has made a temporary file by then, and leaves the directory with the time of that",
    },
    Known {
        name: "a backup that fails",
        line: ": mtime: now",
        reason: "rsync has made a temporary file by then, and leaves the directory with the time of that",
    },
    Known {
        name: "ACLs kept of a directory",
        line: "d/dir: xattr user.rsync.%",
        reason: "with -AX --fake-super, rsync loses the ACLs that it keeps of a directory as it sets its other attributes",
    },
    Known {
        name: "set-id bits of a copy",
        line: "mode: 6755 / 0755",
        reason: "the backup of a file written in place is a copy that belongs to us without -o and -g; rsync leaves its former owner's set-id bits on it",
    },
    Known {
        name: "ACLs on XFS",
        line: "ACL",
        reason: "XFS lists ACLs to root as trusted attributes too; with -X rsync deletes those as extraneous, and so every other run the ACLs",
    },
    Known {
        name: "a discarded file: status",
        line: "exit status: 0 / 23",
        reason: "where --partial-dir cannot be made, rsync throws away what --delay-updates was to put in place, says so, and ends with 0",
    },
    Known {
        name: "a discarded file: last line",
        line: "extra line: rsync error: some files/attrs were not transferred",
        reason: "where --partial-dir cannot be made, rsync throws away what --delay-updates was to put in place, says so, and ends with 0",
    },
    Known {
        name: "empty directories of two sources",
        line: "x",
        reason: "with -m rsync makes an empty directory that two sources have; it looks past the second as it prunes",
    },
    Known {
        name: "closed by -X: status",
        line: "exit status: 23 / 0",
        reason: "an ordinary user's rsync closes a new directory again as it sets extended attributes there, and then cannot write into it",
    },
    Known {
        name: "closed by -X: words",
        line: "stderr: missing line: rsync",
        reason: "an ordinary user's rsync closes a new directory again as it sets extended attributes there, and then cannot write into it",
    },
    Known {
        name: "closed by -X: file",
        line: "d/closed/f: should not exist",
        reason: "an ordinary user's rsync closes a new directory again as it sets extended attributes there, and then cannot write into it",
    },
    Known {
        name: "a closed directory under --fake-super: words",
        line: "stderr: missing line: rsync: ",
        reason: "an ordinary user's rsync cannot read what --fake-super keeps of a directory that is closed to its owner, and leaves it and what belongs there",
    },
    Known {
        name: "a closed directory under --fake-super: directory",
        line: "d/closed",
        reason: "an ordinary user's rsync cannot read what --fake-super keeps of a directory that is closed to its owner, and leaves it and what belongs there",
    },
    Known {
        name: "a backup by a path that climbs: status",
        line: "exit status: 23 / 0",
        reason: "rsync cannot set the attributes of the copy that is kept of a file written in place, where the path of the backup directory has .. in it",
    },
    Known {
        name: "a backup by a path that climbs: words",
        line: "stderr: missing line: rsync",
        reason: "rsync cannot set the attributes of the copy that is kept of a file written in place, where the path of the backup directory has .. in it",
    },
    Known {
        name: "a backup by a path that climbs: attributes",
        line: "b/f: ",
        reason: "rsync cannot set the attributes of the copy that is kept of a file written in place, where the path of the backup directory has .. in it",
    },
    Known {
        name: "a protected directory that is missing: line",
        line: "missing line: *deleting   emp/",
        reason: "--delete-missing-args: rsync takes a missing operand for a file, and so deletes a directory that a rule for directories protects",
    },
    Known {
        name: "a protected directory that is missing: directory",
        line: "d/emp: should not exist",
        reason: "--delete-missing-args: rsync takes a missing operand for a file, and so deletes a directory that a rule for directories protects",
    },
    Known {
        name: "a link without its backup: words",
        line: "line: rsync: [#] ",
        reason: "rsync puts a new link in the place of one that it could not keep, which is lost so",
    },
    Known {
        name: "a link without its backup: the new one",
        line: "d/l: ",
        reason: "rsync puts a new link in the place of one that it could not keep, which is lost so",
    },
    Known {
        name: "protected in the way",
        line: "ob",
        reason: "rsync reads merge files of the destination only in passing as it deletes: in a directory that stands in the way of a file, what they protect goes with --force, --delete-before and --delete-after",
    },
    Known {
        name: "protected in the way: status",
        line: "exit status: 0 / 23",
        reason: "rsync reads merge files of the destination only in passing as it deletes: in a directory that stands in the way of a file, what they protect goes with --force, --delete-before and --delete-after",
    },
    Known {
        name: "protected in the way: last line",
        line: "extra line: rsync error: some files/attrs were not transferred",
        reason: "rsync reads merge files of the destination only in passing as it deletes: in a directory that stands in the way of a file, what they protect goes with --force, --delete-before and --delete-after",
    },
    Known {
        name: "protected until late",
        line: "sub/in",
        reason: "rsync has forgotten the merge files of the directories above by the time of --delete-delay, and deletes what they protect further down",
    },
    Known {
        name: "protected beside a file",
        line: "sub/keep",
        reason: "beside an operand that is a file, rsync forgets the merge files above the first directory, and deletes what they protect there",
    },
    Known {
        name: "alternate behind a link: line",
        line: "extra line: >f+++++++++ sub/f",
        reason: "rsync follows links in an alternate destination, also out of it; what lies there may be anybody's, and is copied from the source here",
    },
    Known {
        name: "alternate behind a link: what stands in",
        line: "hard link",
        reason: "rsync follows links in an alternate destination, also out of it; what lies there may be anybody's, and is copied from the source here",
    },
    Known {
        name: "alternate behind a link: what is left out",
        line: "d/sub/f: should not exist",
        reason: "rsync follows links in an alternate destination, also out of it; what lies there may be anybody's, and is copied from the source here",
    },
    Known {
        name: "appended with holes",
        line: "contents differ",
        reason: "with --append and --sparse rsync turns what was there into zeros",
    },
    Known {
        name: "appended with holes: warning",
        line: "failed verification",
        reason: "with --append-verify and --sparse rsync turns what was there into zeros, and sends the whole file once more",
    },
    Known {
        name: "appended with holes: line",
        line: ">f..T...... part",
        reason: "with --append-verify and --sparse rsync turns what was there into zeros, and sends the whole file once more",
    },
    Known {
        name: "longer similar file: line",
        line: "extra line: >f+++++++++ x",
        reason: "with --append and --fuzzy, rsync silently does not copy a file beside which a longer similar one stands",
    },
    Known {
        name: "longer similar file: what is copied",
        line: "d/x: should not exist",
        reason: "with --append and --fuzzy, rsync silently does not copy a file beside which a longer similar one stands",
    },
    Known {
        name: "kept link: owners of the directory",
        line: "d/real2: ",
        reason: "with -K rsync gives the link the owner and group that the directory it leads to should get",
    },
    Known {
        name: "kept link: owner of the link",
        line: "d/sub: owner",
        reason: "with -K rsync gives the link the owner and group that the directory it leads to should get",
    },
    Known {
        name: "kept link: group of the link",
        line: "d/sub: group",
        reason: "with -K rsync gives the link the owner and group that the directory it leads to should get",
    },
    Known {
        name: "times of old protocols",
        line: "d/f: mtime",
        reason: "with --protocol=29 or older rsync has 32 bits for times, and loses those before 1970 and after 2106",
    },
    Known {
        name: "numbers of directories: time",
        line: "d: mtime",
        reason: "with --iconv rsync's two halves number directories differently where operands bring the contents of one and another: it tells of the wrong one, and leaves the destination's time",
    },
];

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
