//! Options that random cases leave out, since rsync itself goes wrong with them together.

/// Combinations in which rsync 3.5.0 itself goes wrong.
const REFUSED: &[(&str, &str)] = &[
    ("-H", "--compare-dest="),
    // It tells what its memory allocator did.
    ("-vv", "--stats"),
    // It leaves zeros where the alternate file has data.
    ("--append", "--link-dest="),
    ("--append", "--copy-dest="),
    ("--append", "--compare-dest="),
    // It takes a similar file for the beginning.
    ("--append", "-y"),
    ("--append", "--fuzzy"),
    // It puts zeros in the place of what was there.
    ("--append", "-S"),
    ("--append", "--sparse"),
    // It looks for rules in links, and refuses to follow those of other users.
    ("--delete-after", "-F"),
    ("--delete-after", "-C"),
    ("--delete-after", "--cvs-exclude"),
    // It has forgotten the rules of the directories above.
    ("--delete-delay", "-F"),
    ("--delete-delay", "-C"),
    ("--delete-delay", "--cvs-exclude"),
    ("--delete-delay", ":"),
    // It reads rules of the destination only in passing as it deletes.
    ("--force", ":"),
    ("--delete-before", ":"),
    ("--delete-after", ":"),
    // It has no log yet by the time of a wrong rule.
    ("--log-file", "merge_rules"),
    // It looks for rules in the links that stand where directories are to be.
    ("--delete-before", "-F"),
    ("--delete-before", "-C"),
    ("--delete-before", "--cvs-exclude"),
    // It cannot look at the copies that it makes, or leaves the time of the directory that it makes for them to chance.
    ("--inplace", "--backup-dir"),
    // It goes through a link that stays in the place of a directory.
    ("--ignore-existing", "-k"),
    ("-n", "-k"),
    ("-n", "--copy-dirlinks"),
    ("-n", "-L"),
    ("-n", "--copy-links"),
    ("--dry-run", "-L"),
    ("--dry-run", "--copy-links"),
    ("--dry-run", "-k"),
    ("--dry-run", "--copy-dirlinks"),
    ("--delete-before", "-k"),
    ("--delete-before", "--copy-dirlinks"),
];

/// The copy that is kept of a file written in place has its former owner's set-id bits where owners are not kept.
const BACKUPS: [&str; 3] = ["-b", "--backup", "--suffix"];

/// Takes out what rsync itself does not do right together.
pub(super) fn drop_refused(options: &mut Vec<Vec<String>>) {
    if has(options, "-vv") {
        // One more is debugging output.
        options.retain(|words| words[0] != "-v" && words[0] != "--verbose");
    }
    if in_place(options) && !keeps_owners(options) {
        options
            .retain(|words| !words.iter().any(|word| BACKUPS.iter().any(|backup| word.starts_with(backup))));
    }
    // Which name of a group is compared with names that look alike, whose mode it gets then.
    if has(options, "-H") && !keeps_modes(options) {
        options.retain(|words| !words[0].starts_with("-y"));
    }
    for (one, two) in REFUSED {
        if has(options, one) && has(options, two) {
            options.retain(|words| !words.iter().any(|word| word.starts_with(two)));
        }
    }
}

fn has(options: &[Vec<String>], start: &str) -> bool {
    options.iter().flatten().any(|word| word.starts_with(start))
}

/// Whether files are written in place.
fn in_place(options: &[Vec<String>]) -> bool {
    ["--inplace", "--append", "--write-devices"].iter().any(|word| has(options, word))
}

/// Whether permissions are sure to be kept.
fn keeps_modes(options: &[Vec<String>]) -> bool {
    options[0][0] == "-a" && !has(options, "--no-p")
}

/// Whether owners and groups are sure to be kept.
fn keeps_owners(options: &[Vec<String>]) -> bool {
    options[0][0] == "-a" && !["--no-o", "--no-g", "--no-super"].iter().any(|word| has(options, word))
}

/// Takes out what goes wrong where several operands bring the same names, or a list names what is in a directory
/// besides: there rsync makes empty directories that it is to leave out.
pub(super) fn drop_refused_of_many(options: &mut Vec<Vec<String>>, operands: &str) {
    if operands.contains("--files-from") || operands.split(' ').count() > 2 {
        options.retain(|words| words[0] != "-m" && words[0] != "--prune-empty-dirs");
    }
}

/// Whether the destination keeps attributes that its user may not give.
pub(super) fn keeps_apart(options: &[Vec<String>]) -> bool {
    has(options, "--fake-super") || has(options, "-M--fake-super")
}

/// Whether links of the source are followed.
pub(super) fn follow_links(options: &[Vec<String>]) -> bool {
    const FOLLOW: [&str; 5] = ["-L", "--copy-links", "-k", "--copy-dirlinks", "--copy-unsafe-links"];
    options.iter().flatten().any(|word| FOLLOW.contains(&word.as_str()))
}
