//! Options for symbolic links.

use super::super::draft::{flag, text};
use super::{Category, Row, Value};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Links);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "links",
        short: Some(b'l'),
        no: &["no-links", "no-l"],
        help: "copy symbolic links as links",
        about: "The link's text is kept as it is. Without it, or \\fB-L\\fR, links are skipped with a message.",
        set: |draft, item| flag(&mut draft.options.links.keep, item),
        ..FLAG
    },
    Row {
        long: "copy-links",
        short: Some(b'L'),
        help: "copy what links point to",
        about: "A link that points nowhere is an error.",
        set: |draft, item| flag(&mut draft.options.links.copy, item),
        ..FLAG
    },
    Row {
        long: "copy-unsafe-links",
        help: "copy what links out of the tree point to",
        about: "A link is unsafe when its text is absolute or climbs above the top of the transfer.",
        set: |draft, item| flag(&mut draft.options.links.copy_unsafe, item),
        ..FLAG
    },
    Row {
        long: "safe-links",
        help: "skip links out of the tree",
        about: "What stands at the destination under the name of a skipped link is kept.",
        set: |draft, item| flag(&mut draft.options.links.safe, item),
        ..FLAG
    },
    Row {
        long: "insecure-links",
        no: &["no-insecure-links"],
        help: "follow other users' links in operands and option paths",
        about: "Otherwise a symbolic link that belongs neither to root nor to the running user is not followed in the destination and in the directories that options name.",
        set: |draft, item| flag(&mut draft.options.links.insecure, item),
        ..FLAG
    },
    Row {
        long: "confine-root",
        value: Value::Dir("DIR"),
        help: "refuse option paths that lead out of DIR",
        about: "Merge files of directories, names from \\fB--files-from\\fR, alternate, backup, partial and temporary directories that lie elsewhere are as if they were not there, or an error, whoever owns the links that lead to them. Operands, and files that the command line names for reading, may lie anywhere. DIR must be absolute; \\fB/\\fR confines nothing. \\fB-M--confine-root\\fR is for the destination's side alone.",
        set: |draft, item| text(&mut draft.confine_root, item),
        ..FLAG
    },
    Row {
        long: "munge-links",
        no: &["no-munge-links"],
        help: "make links unusable and back",
        about: "Takes \\fB/rsyncd-munged/\\fR away from the texts of the source's links; \\fB-M--munge-links\\fR puts it in front of the destination's.",
        set: |draft, item| flag(&mut draft.options.links.unmunge, item),
        far: Some(|draft, item| flag(&mut draft.options.links.munge, item)),
        ..FLAG
    },
    Row {
        long: "copy-dirlinks",
        short: Some(b'k'),
        help: "copy the directory that a link points to",
        about: "Links to anything else stay links with \\fB-l\\fR.",
        set: |draft, item| flag(&mut draft.options.links.copy_dirlinks, item),
        ..FLAG
    },
    Row {
        long: "keep-dirlinks",
        short: Some(b'K'),
        help: "a link to a directory at the destination may stand for one",
        about: "Where the source has a real directory, the link is followed, not replaced.",
        set: |draft, item| flag(&mut draft.options.links.keep_dirlinks, item),
        ..FLAG
    },
];

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--links", &["-l"], Expect::On(|o| o.links.keep)),
    ("--copy-links", &["-L"], Expect::On(|o| o.links.copy)),
    ("--copy-unsafe-links", &["--copy-unsafe-links"], Expect::On(|o| o.links.copy_unsafe)),
    ("--safe-links", &["--safe-links"], Expect::On(|o| o.links.safe)),
    ("--insecure-links", &["--insecure-links"], Expect::On(|o| o.links.insecure)),
    (
        "--confine-root",
        &["--confine-root=x"],
        Expect::Error("rsync: --confine-root must be an absolute path"),
    ),
    ("--munge-links", &["--munge-links"], Expect::On(|o| o.links.unmunge)),
    ("--copy-dirlinks", &["-k"], Expect::On(|o| o.links.copy_dirlinks)),
    ("--keep-dirlinks", &["-K"], Expect::On(|o| o.links.keep_dirlinks)),
];
