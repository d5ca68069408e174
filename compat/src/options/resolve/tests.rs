//! Implications, and refusals in the words and with the exit values seen of rsync 3.5.0.

use super::super::{OneFileSystem, OutBuf};
use super::*;

fn facts() -> Facts {
    Facts::bare(CalledAs::Rsync)
}

fn run(line: &str) -> Result<Resolved, UsageError> {
    let argv: Vec<Bytes> = line.split(' ').filter(|word| !word.is_empty()).map(|word| word.into()).collect();
    let argv: Vec<Bytes> =
        argv.into_iter().map(|word| if word == b"''" { Bytes::new() } else { word }).collect();
    resolve(&parse(&argv, &facts()), &facts())
}

fn options(line: &str) -> Options {
    match run(line) {
        Ok(Resolved::Run(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

fn refused(line: &str) -> (String, u8) {
    match run(line) {
        Err(error) => (String::from_utf8(error.text()).unwrap(), error.exit.code()),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn conflicts_are_refused_in_rsync_s_words() {
    let cases = [
        ("--delete s d", "--delete does not work without --recursive (-r) or --dirs (-d)."),
        ("--delete-excluded s d", "--delete does not work without --recursive (-r) or --dirs (-d)."),
        ("-r --delete --no-r s d", "--delete does not work without --recursive (-r) or --dirs (-d)."),
        (
            "--inplace --partial-dir=x --delete s d",
            "--delete does not work without --recursive (-r) or --dirs (-d).",
        ),
        ("-r --delete-before --delete-after s d", "You may not combine multiple --delete-WHEN options."),
        ("-r --del --delete-after s d", "You may not combine multiple --delete-WHEN options."),
        ("--delete-before --delete-after", "You may not combine multiple --delete-WHEN options."),
        ("-r --inplace --partial-dir=p s d", "--inplace cannot be used with --partial-dir"),
        ("-r --inplace --delay-updates s d", "--inplace cannot be used with --delay-updates"),
        (
            "-r --write-devices --no-inplace --partial-dir=x s d",
            "--inplace cannot be used with --partial-dir",
        ),
        ("-r --append -W s d", "--append cannot be used with --whole-file"),
        ("-r --append-verify -W s d", "--append cannot be used with --whole-file"),
        ("--append -W --inplace --partial-dir=x s d", "--append cannot be used with --whole-file"),
        ("-r --append --partial-dir=p s d", "--append cannot be used with --partial-dir"),
        ("-r --append --delay-updates s d", "--append cannot be used with --delay-updates"),
        ("--no-W --cc=none --append s d", "--append cannot be used with --whole-file"),
        (
            "--compare-dest=x --link-dest=y s d",
            "ERROR: the --link-dest option conflicts with the --compare-dest option",
        ),
        (
            "--link-dest=y --copy-dest=x s d",
            "ERROR: the --copy-dest option conflicts with the --link-dest option",
        ),
        ("--max-size=abc s d", "--max-size=abc is invalid"),
        ("--max-size=-1 s d", "--max-size=-1 is too large"),
        ("--block-size=200000 s d", "--block-size=200000 is too large (max: 128.00K)"),
        ("--bwlimit=511b s d", "--bwlimit=511b is too small (min: 512 or 0 for unlimited)"),
        ("--max-alloc=1 s d", "--max-alloc=1 is too small (min: 1.00M or 0 for unlimited)"),
        ("--max-size=x --verb", "--max-size=x is invalid"),
        ("--verb --max-size=x", "--verb: unknown option"),
        ("--chmod=xyz s d", "Invalid argument passed to --chmod (xyz)"),
        ("--chmod= s d", "Invalid argument passed to --chmod ()"),
        ("--usermap=a:b --chown=c s d", "--chown conflicts with prior --usermap."),
        ("--groupmap=a:b --chown=:c s d", "--chown conflicts with prior --groupmap."),
        ("--chown=c --usermap=a:b s d", "--usermap conflicts with prior --chown."),
        ("--usermap=a:b --usermap=c:d s d", "You can only specify --usermap once."),
        ("--chown=a:b --chown=c:d s d", "You can only specify a user-affecting --chown once."),
        ("--chown=:a --chown=:b s d", "You can only specify a group-affecting --chown once."),
        ("--suffix= s d", "--suffix cannot be empty without a --backup-dir"),
        ("--suffix=a/b s d", "--suffix cannot contain slashes: a/b"),
        ("--backup-dir= s d", "--suffix cannot be empty when --backup-dir is the same as the dest dir"),
        ("--backup-dir=./. s d", "--suffix cannot be empty when --backup-dir is the same as the dest dir"),
        ("--stderr=x --verb", "--stderr mode \"x\" is not one of errors, all, or client"),
        ("--stderr= s d", "--stderr mode \"\" is not one of errors, all, or client"),
        ("--outbuf=x --delete s d", "Invalid --outbuf setting -- specify N, L, or B."),
        ("--fake-super -XX --delete s d", "--fake-super conflicts with -XX"),
        ("--confine-root=x", "--confine-root must be an absolute path"),
        ("-N s d", "This rsync does not support --crtimes (-N)"),
        ("--old-args -s --delete-before --delete-after", "--secluded-args conflicts with --old-args."),
        ("--read-batch=a --write-batch=b s d", "--write-batch and --read-batch can not be used together"),
        ("--read-batch=a --files-from=b s", "--read-batch cannot be used with --files-from"),
        ("-M x s d", "Remote option must start with a dash: x"),
        ("--stop-after=0 s d", "invalid --stop-after value: 0"),
    ];
    for (line, want) in cases {
        let want = format!(
            "rsync: {want}\nrsync error: syntax or usage error (code 1) at main.c(1886) [client=3.5.0]\n"
        );
        assert_eq!(refused(line), (want, 1), "{line}");
    }
}

#[test]
fn refusals_from_later_on_name_their_own_place() {
    let syntax = "rsync error: syntax or usage error (code 1) at";
    let cases = [
        ("-r --info=bogus s d", "Unknown --info item: \"bogus\"", "options.c(487) [client=3.5.0]"),
        ("-r '' d", "Empty source arg specified.", "main.c(1551) [sender=3.5.0]"),
        ("''", "Empty source arg specified.", "main.c(1551) [sender=3.5.0]"),
        (
            "-r s ''",
            "Empty destination arg specified (use \".\" or see --old-args).",
            "main.c(685) [sender=3.5.0]",
        ),
        (
            "--password-file=x -r s d",
            "The --password-file option may only be used when accessing an rsync daemon.",
            "main.c(1602) [sender=3.5.0]",
        ),
        (
            "--files-from=h:lst s d",
            "--files-from cannot be remote when the transfer is local",
            "main.c(1510) [sender=3.5.0]",
        ),
        (
            "--config=x s d",
            "Daemon option(s) used without --daemon.\n(Type \"rsync --daemon --help\" for assistance with daemon mode.)",
            "options.c(1596) [client=3.5.0]",
        ),
    ];
    for (line, message, place) in cases {
        assert_eq!(refused(line), (format!("{message}\n{syntax} {place}\n"), 1), "{line}");
    }
    let unsupported = "rsync error: requested action not supported (code 4) at";
    let cases = [
        ("-r --cc=md5,bogus s d", "unknown checksum name: bogus", "checksum.c(157)"),
        ("-r --cc=md5,md4,sha1 s d", "unknown checksum name: md4,sha1", "checksum.c(157)"),
        ("-r --cc=x,md5 s d", "unknown checksum name: x,md5", "checksum.c(157)"),
        ("--zc=x --delete s d", "unknown compress name: x", "compat.c(190)"),
        (
            "-a -M-n s d",
            "rsync: --dry-run for the receiving side alone (-M) is not supported by io-uring-sync",
            "options",
        ),
        (
            "-a -M--no-o -M-b s d",
            "rsync: --owner for the receiving side alone (-M) is not supported by io-uring-sync",
            "options",
        ),
        (
            "-M--copy-as=nobody s d",
            "rsync: --copy-as for the receiving side alone (-M) is not supported by io-uring-sync",
            "options",
        ),
    ];
    for (line, message, place) in cases {
        assert_eq!(
            refused(line),
            (format!("{message}\n{unsupported} {place} [client=3.5.0]\n"), 4),
            "{line}"
        );
    }
}

#[test]
fn too_many_alternates_are_refused() {
    let dirs = "--link-dest=x ".repeat(20);
    assert_eq!(options(&format!("{dirs} s d")).basis.unwrap().dirs.len(), 20);
    let (text, code) = refused(&format!("{dirs} --link-dest=y s d"));
    assert!(text.starts_with("rsync: ERROR: at most 20 --link-dest args may be specified\n"), "{text}");
    assert_eq!(code, 1);
}

#[test]
fn a_wrong_number_of_operands_shows_the_help() {
    let help = String::from_utf8(help::help_text(CalledAs::Rsync)).unwrap();
    let cases = [
        ("main.c(1871) [client=3.5.0]", &[""][..]),
        ("main.c(1941) [Receiver=3.5.0]", &["-v", "-q", "--delete", "-h -h", "-8 -h", "--no-h", "--"]),
        ("options.c(2621) [client=3.5.0]", &["--files-from=x", "--files-from=x s", "--files-from=x a b c"]),
        ("options.c(1533) [client=3.5.0]", &["--sender", "--sender s d"]),
    ];
    for (place, lines) in cases {
        let want = format!("{help}rsync error: syntax or usage error (code 1) at {place}\n");
        for line in lines {
            assert_eq!(refused(line), (want.clone(), 1), "{line}");
        }
    }
}

#[test]
fn some_options_print_and_are_done() {
    let start = |line: &str| match run(line) {
        Ok(Resolved::Print(text)) => String::from_utf8(text).unwrap().lines().next().unwrap_or("").to_owned(),
        other => panic!("{line}: {other:?}"),
    };
    let version = "rsync  version 3.5.0  protocol version 32";
    for line in
        ["-h", "-hh", "-hv", "--human-readable", "--help --verb", "-v --help", "-V", "-Vh", "-V --delete s d"]
    {
        assert_eq!(start(line), version, "{line}");
    }
    for line in ["-VV", "-V -V", "-VVV", "-q -VV"] {
        assert_eq!(start(line), "{", "{line}");
    }
    for line in ["-q --help", "-q --info=help", "-q --version", "--version -q"] {
        assert_eq!(start(line), "", "{line}");
    }
    assert!(start("--info=name,help0 --verb").starts_with("WORD"));
    assert!(start("--debug=HELP").starts_with("WORD"));
    assert!(refused("-V --verb").0.starts_with("rsync: --verb: unknown option"));
}

#[test]
fn operands_elsewhere_are_handed_over() {
    for line in [
        "h:a d",
        "s h:",
        ":a d",
        "s ::m",
        "-r s rsync://h/m",
        "RSYNC://x d",
        "--fake-super s u@h:d",
        "h:a h:b",
    ] {
        assert_eq!(run(line), Ok(Resolved::Remote), "{line}");
    }
    for line in ["./h:a d", "s /x/h:", "a/b:c"] {
        assert!(matches!(run(line), Ok(Resolved::Run(_))), "{line}");
    }
}

#[test]
fn order_decides() {
    assert!(options("-A --no-p s d").preserve.acls && !options("-A --no-p s d").preserve.perms);
    assert!(options("--no-p -A s d").preserve.perms);
    assert!(!options("-A --no-A s d").preserve.acls && options("-A --no-A s d").preserve.perms);
    assert_eq!(options("--no-r -a s d").select.recursion, Recursion::Full);
    assert_eq!(options("-a --no-r s d").select.recursion, Recursion::None);
    assert!(!options("-a --chown=u:g --no-o s d").preserve.owner);
    assert!(options("-a --no-o --chown=u:g s d").preserve.owner);
    assert!(options("--no-specials -D s d").preserve.specials);
    assert_eq!(options("-xx --no-x -x s d").select.one_file_system, OneFileSystem::KeepMountPoints);
    assert_eq!(options("--backup-dir=b --no-backup s d").backup.unwrap().dir.as_deref(), Some(&b"b"[..]));
    assert_eq!(options("-b --no-backup s d").backup, None);
    assert_eq!(options("--stop-after=5x s d").write.stop, Some(super::super::stop::Stop::After(5)));
    assert_eq!(options("--zc=x --old-compress s d"), options("s d"));
    assert_eq!(options("--zc=x --no-z s d"), options("s d"));
}

#[test]
fn delete_times_may_be_said_twice() {
    let when = |line: &str| options(line).delete.when;
    assert_eq!(when("-r --delete --delete-after s d"), Some(DeleteWhen::After));
    assert_eq!(when("-r --delete --delete-before s d"), Some(DeleteWhen::Before));
    assert_eq!(when("-r --delete-delay --del s d"), Some(DeleteWhen::During));
    assert_eq!(when("-r --del --delete-delay s d"), Some(DeleteWhen::Delay));
    assert_eq!(when("--delete s"), Some(DeleteWhen::During));
    assert_eq!(options("-r --max-delete=-2147483648 s d").delete.max, None);
    assert_eq!(options("-r --max-delete=010 s d").delete.max, Some(8));
}

#[test]
fn one_operand_is_a_list() {
    let list = options("s");
    assert!(list.output.list_only);
    assert_eq!(list.select.recursion, Recursion::Dirs);
    assert_eq!(options("--no-d s").select.recursion, Recursion::None);
    assert_eq!(options("-r s").select.recursion, Recursion::Full);
    assert!(!options("s d").output.list_only);
}

#[test]
fn a_list_of_files_changes_defaults() {
    let select = |line: &str| options(line).select;
    assert_eq!(select("-a --files-from=l s d").recursion, Recursion::Dirs);
    assert_eq!(select("-a -r --files-from=l s d").recursion, Recursion::Full);
    assert_eq!(select("--no-d --files-from=l s d").recursion, Recursion::None);
    assert_eq!(select("--no-R --files-from=l s d").relative, Relative::Off);
}

#[test]
fn partial_directories() {
    let facts =
        Facts { variables: Variables { partial_dir: Some(b"pd".to_vec()), ..Variables::UNSET }, ..facts() };
    let dir = |words: &[&str]| {
        let argv: Vec<Bytes> = words.iter().chain(&["s", "d"]).map(|word| (*word).into()).collect();
        match resolve(&parse(&argv, &facts), &facts) {
            Ok(Resolved::Run(options)) => options.write.partial_dir,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(dir(&["-r"]), None);
    assert_eq!(dir(&["--partial"]).as_deref(), Some(&b"pd"[..]));
    assert_eq!(dir(&["--partial", "--inplace"]), None);
    assert_eq!(dir(&["--partial-dir=x", "--no-partial"]).as_deref(), Some(&b"x"[..]));
}

#[test]
fn numbers_levels() {
    for (line, human) in
        [("s d", 1), ("-h s d", 2), ("-hh s d", 3), ("-hhhh s d", 3), ("--no-h s d", 0), ("--no-h -h s d", 1)]
    {
        assert_eq!(options(line).output.human, human, "{line}");
    }
    for (word, want) in
        [("none", OutBuf::None), ("Bxx", OutBuf::Block), ("f", OutBuf::Block), ("l", OutBuf::Line)]
    {
        assert_eq!(options(&format!("--outbuf={word} s d")).output.outbuf, Some(want));
    }
}

/// Line for each item, `%i` in force, and the levels that decide what else is printed.
#[test]
fn what_is_printed() {
    let cases = [
        ("s d", None, 0, (0, 0, 0, 0)),
        ("-v s d", Some("%n%L"), 0, (1, 1, 1, 0)),
        ("-vv s d", Some("%n%L"), 0, (1, 2, 1, 0)),
        ("-v --info=name0 s d", None, 0, (1, 0, 1, 0)),
        ("-v --no-v s d", None, 0, (0, 0, 0, 0)),
        ("-i s d", Some("%i %n%L"), 1, (0, 0, 0, 0)),
        ("-ii --info=name0 s d", Some("%i %n%L"), 2, (0, 0, 0, 0)),
        ("-i -vv s d", Some("%i %n%L"), 2, (1, 2, 1, 0)),
        ("-i --info=name2 s d", Some("%i %n%L"), 2, (0, 2, 0, 0)),
        ("-i --no-i s d", None, 0, (0, 0, 0, 0)),
        ("-i --out-format=X%n s d", Some("X%n"), 0, (0, 0, 0, 0)),
        ("--out-format=X%10i s d", Some("X%10i"), 1, (0, 0, 0, 0)),
        ("--out-format=%%i s d", Some("%%i"), 0, (0, 0, 0, 0)),
        ("--out-format= s d", Some(""), 0, (0, 0, 0, 0)),
        ("-vv --out-format=%i s d", Some("%i"), 2, (1, 2, 1, 0)),
        ("--info=name s d", Some("%n%L"), 0, (0, 1, 0, 0)),
        ("--progress s d", Some("%n%L"), 0, (2, 1, 0, 1)),
        ("-P s d", Some("%n%L"), 0, (2, 1, 0, 1)),
        ("--progress --info=name0 s d", None, 0, (2, 0, 0, 1)),
        ("--info=flist0 --progress s d", Some("%n%L"), 0, (0, 1, 0, 1)),
        ("--progress --info=progress0 s d", Some("%n%L"), 0, (2, 1, 0, 0)),
        ("-P --no-progress s d", None, 0, (0, 0, 0, 0)),
        ("--info=progress2 s d", None, 0, (0, 0, 0, 2)),
        ("--info=progress2 --progress s d", Some("%n%L"), 0, (2, 1, 0, 2)),
        ("--stats s d", None, 0, (0, 0, 2, 0)),
        ("--stats --info=stats0 s d", None, 0, (0, 0, 0, 0)),
        ("--info=stats0 --stats s d", None, 0, (0, 0, 0, 0)),
        ("--stats -vv s d", Some("%n%L"), 0, (1, 2, 3, 0)),
        ("-v -q s d", None, 0, (1, 0, 1, 0)),
        ("-q --stats --progress -i s d", None, 1, (2, 0, 2, 0)),
    ];
    for (line, format, itemize, levels) in cases {
        let output = options(line).output;
        let info = output.info;
        let told = output.out_format.map(|format| String::from_utf8(format).unwrap());
        assert_eq!(told.as_deref(), format, "{line}");
        assert_eq!(output.itemize, itemize, "{line}");
        assert_eq!((info.flist, info.name, info.stats, info.progress), levels, "{line}");
        assert_eq!(output.stats, info.stats > 1, "{line}");
    }
}
