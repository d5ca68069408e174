//! Rule lists as rsync 3.5.0 understood them.

use super::*;

fn list(rules: &[&str]) -> Result<RuleList, FilterError> {
    let args: Vec<FilterArg<'_>> = rules.iter().map(|rule| FilterArg::Filter(rule.as_bytes())).collect();
    RuleList::parse(&args, Settings::plain(), &mut no_files)
}

fn no_files(_: &[u8]) -> Result<Vec<u8>, ReadError> {
    Err(ReadError { errno: 2, text: b"No such file or directory".to_vec() })
}

/// What is left of some names.
fn kept(list: &RuleList, side: Side) -> String {
    let chain = Chain::root(list, side, b"/tmp/f/s");
    let mut left = Vec::new();
    for name in ["a", "b", "foo/", "foo/bar"] {
        let kind = if name.ends_with('/') { NameKind::Directory } else { NameKind::Other };
        let path = name.trim_end_matches('/').as_bytes();
        match chain.check(path, kind, Deletion::None).map(|found| found.action()) {
            Some(Action::Exclude) => {}
            Some(Action::Include) | None => left.push(name),
        }
    }
    left.join(" ")
}

#[test]
fn rules_that_rsync_refuses() {
    let cases: &[(&str, &str)] = &[
        ("bar", "Unknown filter rule: bar"),
        ("-bar", "invalid modifier 'b' at position 1 in filter rule: -bar"),
        ("+ ", "unexpected end of filter rule: + "),
        ("! x", "'!' rule has trailing characters: ! x"),
        ("!  ", "'!' rule has trailing characters: !  "),
        ("excludex x", "Unknown filter rule: excludex x"),
        ("hide", "unexpected end of filter rule: hide"),
        ("hide,s x", "invalid modifier 's' at position 5 in filter rule: hide,s x"),
        ("hide! b", "Unknown filter rule: hide! b"),
        ("clear x", "'!' rule has trailing characters: clear x"),
        ("clear,x", "'!' rule has trailing characters: clear,x"),
        ("-s,p a", "invalid modifier ',' at position 2 in filter rule: -s,p a"),
        (":", "unexpected end of filter rule: :"),
        (":+- nope", "invalid modifier '-' at position 2 in filter rule: :+- nope"),
        ("-n a", "invalid modifier 'n' at position 1 in filter rule: -n a"),
        (".! nope", "invalid modifier '!' at position 1 in filter rule: .! nope"),
        ("Hr a", "invalid modifier 'r' at position 1 in filter rule: Hr a"),
        ("_a", "Unknown filter rule: _a"),
        ("exclude,a b", "invalid modifier 'a' at position 8 in filter rule: exclude,a b"),
        ("-s", "unexpected end of filter rule: -s"),
        ("!_", "'!' rule has trailing characters: !_"),
        (". nope", "rsync: [client] failed to open exclude file nope: No such file or directory (2)"),
        (".x foo", "rsync: [client] failed to open exclude file foo: No such file or directory (2)"),
        (".C", "rsync: [client] failed to open exclude file .cvsignore: No such file or directory (2)"),
    ];
    for (rule, wanted) in cases {
        let error = list(&[rule]).unwrap_err();
        assert_eq!(String::from_utf8_lossy(&error.message()), *wanted);
        let code = if matches!(error, FilterError::Open { .. }) { 11 } else { 1 };
        assert_eq!(error.exit().code(), code);
    }
}

#[test]
fn rules_that_rsync_takes() {
    let all = "a b foo/ foo/bar";
    let cases: &[(&str, &str)] = &[
        ("!", all),
        ("!,", all),
        ("clear,", all),
        ("", all),
        ("-! foo", "foo/"),
        ("H! b", "b"),
        ("P! x", all),
        ("-, a", "b foo/ foo/bar"),
        ("-sp a", "b foo/ foo/bar"),
        ("-pp a", "b foo/ foo/bar"),
        ("exclude_a", "b foo/ foo/bar"),
        ("-sr a", "b foo/ foo/bar"),
        ("hide,p a", "b foo/ foo/bar"),
        ("-/ a", "b foo/ foo/bar"),
        ("-/ /tmp/f/s/a", "b foo/ foo/bar"),
        ("-/ s/a", "b foo/ foo/bar"),
        ("-_a", "b foo/ foo/bar"),
        ("-__a", all),
        ("-x user.a", all),
        ("- foo/bar", "a b foo/"),
        ("- bar/", all),
        ("- /", all),
    ];
    for (rule, wanted) in cases {
        assert_eq!(kept(&list(&[rule]).unwrap(), Side::Sender), *wanted, "{rule}");
    }
}

#[test]
fn old_options_honour_three_prefixes() {
    let cases: &[(&[u8], &str)] = &[
        (b"+ a", "a b foo/ foo/bar"),
        (b"- a", "b foo/ foo/bar"),
        (b"!", "a b foo/ foo/bar"),
        (b"-_a", "a b foo/ foo/bar"),
        (b"", "a b foo/ foo/bar"),
        (b"a", "b foo/ foo/bar"),
    ];
    for (pattern, wanted) in cases {
        let args = [FilterArg::Exclude(pattern)];
        let list = RuleList::parse(&args, Settings::plain(), &mut no_files).unwrap();
        assert_eq!(kept(&list, Side::Sender), *wanted);
    }
}

#[test]
fn lists_in_files_have_comments_and_places() {
    let content = b"# c\r\n;d\n\n- a\r\n+ foo\nfoo\nx\0";
    let mut read = |_: &[u8]| Ok(content.to_vec());
    let args = [FilterArg::ExcludeFrom(b"ex")];
    let list = RuleList::parse(&args, Settings::plain(), &mut read).unwrap();
    assert_eq!(kept(&list, Side::Sender), "b foo/ foo/bar");

    let error = RuleList::parse(&[FilterArg::Filter(b". rr")], Settings::plain(), &mut |path: &[u8]| {
        Ok(if path == b"rr" { b"- bar\n. in".to_vec() } else { b"/a\n".to_vec() })
    });
    let message = error.unwrap_err().message();
    assert_eq!(message, b"Unknown filter rule: <rule from a file named at rr line 2>");
}

#[test]
fn merge_files_end_somewhere() {
    let mut read = |_: &[u8]| Ok(b". x5\n".to_vec());
    let error = RuleList::parse(&[FilterArg::Filter(b". x5")], Settings::plain(), &mut read).unwrap_err();
    assert!(
        error
            .message()
            .starts_with(b"[client] merge-file include depth limit (32) exceeded at <rule from a file")
    );
    assert_eq!(error.exit().code(), 11);
}

#[test]
fn sides() {
    let protect = list(&["P a", "H b"]).unwrap();
    assert_eq!(kept(&protect, Side::Sender), "a foo/ foo/bar");
    assert_eq!(kept(&protect, Side::Receiver), "b foo/ foo/bar");

    let settings = Settings { plain_sides: PlainSides::SenderOnly, ..Settings::plain() };
    let args = [FilterArg::Exclude(b"a"), FilterArg::Filter(b"P b"), FilterArg::Filter(b"-sr foo")];
    let list = RuleList::parse(&args, settings, &mut no_files).unwrap();
    assert_eq!(kept(&list, Side::Sender), "b foo/bar");
    assert_eq!(kept(&list, Side::Receiver), "a foo/bar");
}

#[test]
fn perishable_rules_do_not_save_what_is_doomed() {
    let list = list(&["-p a"]).unwrap();
    let chain = Chain::root(&list, Side::Receiver, b"/d");
    assert!(chain.check(b"x/a", NameKind::Other, Deletion::None).is_some());
    assert!(chain.check(b"x/a", NameKind::Other, Deletion::Doomed).is_none());
}

#[test]
fn the_cvs_list_stands_at_the_end_and_can_be_cleared() {
    let settings = |home: &[u8]| Settings { cvs_home_file: Some(home.to_vec()), ..Settings::plain() };
    let mut read = |path: &[u8]| Ok(if path == b"/h" { b"a ! b".to_vec() } else { b"a".to_vec() });
    let args = [FilterArg::CvsExclude, FilterArg::Filter(b"+ core")];
    let list = RuleList::parse(&args, settings(b"/h"), &mut read).unwrap();
    assert_eq!(kept(&list, Side::Sender), "a foo/ foo/bar");

    let list = RuleList::parse(&args, settings(b"/other"), &mut read).unwrap();
    let chain = Chain::root(&list, Side::Sender, b"/s");
    assert_eq!(chain.dir_merges().collect::<Vec<_>>(), [b".cvsignore"]);
    let action = |path| chain.check(path, NameKind::Other, Deletion::None).map(|found| found.action());
    assert_eq!(action(b"core"), Some(Action::Include));
    assert_eq!(action(b"x.o"), Some(Action::Exclude));
    let line = match_line(
        &chain.check(b"x.o", NameKind::Other, Deletion::None).unwrap(),
        Side::Sender,
        b"x.o",
        NameKind::Other,
    );
    assert_eq!(line, b"[sender] hiding file x.o because of pattern *.o [global CVS]");
}

#[test]
fn xattr_rules_are_apart() {
    let list = list(&["-x! user.*"]).unwrap();
    assert!(Chain::root(&list, Side::Sender, b"/").is_empty());
    assert!(!list.xattr_rules().is_empty());
    assert_eq!(list.xattr_rules().check(b"trusted.a", Side::Sender), Some(Action::Exclude));
    assert_eq!(list.xattr_rules().check(b"user.a", Side::Sender), None);
}

/// A tree of merge files, by path.
fn reader<'t>(
    files: &'t [(&'t str, &'t str)],
    dir: &'t str,
) -> impl FnMut(&[u8]) -> Result<Vec<u8>, ReadError> + 't {
    move |path| {
        let path = String::from_utf8(path.to_vec()).unwrap();
        let full = if path.starts_with('/') { path } else { format!("/s/{dir}{path}") };
        let found = files.iter().find(|(name, _)| *name == full);
        found.map(|(_, content)| content.as_bytes().to_vec()).ok_or(ReadError { errno: 2, text: Vec::new() })
    }
}

#[test]
fn per_directory_files_stack_and_anchor() {
    let files = [("/s/.m", "- b\n- /foo/x\n"), ("/s/foo/.m", "+ b\n- /y\n"), ("/s/foo/bar/.m", "!\n- z")];
    let list = list(&[": .m"]).unwrap();
    let root = Chain::root(&list, Side::Sender, b"/s").enter(b"", &mut reader(&files, "")).unwrap();
    let foo = root.enter(b"foo", &mut reader(&files, "foo/")).unwrap();
    let bar = foo.enter(b"foo/bar", &mut reader(&files, "foo/bar/")).unwrap();
    let action = |chain: &Chain, path: &str| {
        chain.check(path.as_bytes(), NameKind::Other, Deletion::None).map(|found| found.action())
    };
    assert_eq!(action(&root, "b"), Some(Action::Exclude));
    assert_eq!(action(&foo, "foo/b"), Some(Action::Include));
    assert_eq!(action(&foo, "foo/x"), Some(Action::Exclude));
    assert_eq!(action(&foo, "foo/y"), Some(Action::Exclude));
    assert_eq!(action(&bar, "foo/bar/y"), None);
    assert_eq!(action(&bar, "foo/bar/b"), None);
    assert_eq!(action(&bar, "foo/bar/z"), Some(Action::Exclude));
    let found = foo.check(b"foo/y", NameKind::Other, Deletion::None).unwrap();
    assert_eq!(
        match_line(&found, Side::Sender, b"foo/y", NameKind::Other),
        b"[sender] hiding file foo/y because of pattern <rule from a file read earlier> [per-dir .m]"
    );
}

#[test]
fn rules_of_parent_directories() {
    let files = [
        ("/.rsync-filter", "- /s/foo/x\n"),
        ("/s/.rsync-filter", "- /foo/y\n"),
        ("/s/foo/.rsync-filter", "bad"),
    ];
    let args = [FilterArg::PerDirectory, FilterArg::PerDirectory];
    let list = RuleList::parse(&args, Settings::plain(), &mut no_files).unwrap();
    let chain =
        Chain::root(&list, Side::Sender, b"/s/foo").above(b"/s/foo", &mut reader(&files, "")).unwrap();
    let is_hidden = |path: &[u8]| chain.check(path, NameKind::Other, Deletion::None).is_some();
    assert!(is_hidden(b"x") && is_hidden(b"y") && is_hidden(b".rsync-filter") && !is_hidden(b"z"));
    let error = chain.enter(b"", &mut reader(&files, "foo/")).unwrap_err();
    assert_eq!(error.message(), b"Unknown filter rule: <rule from /s/foo/.rsync-filter line 1>");
}

#[test]
fn a_file_that_names_itself_does_no_harm() {
    let files = [("/s/.m", ": .m\n: .n\n- a"), ("/s/.n", ": .m\n- b")];
    let list = list(&[": .m"]).unwrap();
    let chain = Chain::root(&list, Side::Sender, b"/s").enter(b"", &mut reader(&files, "")).unwrap();
    let is_hidden = |path: &[u8]| chain.check(path, NameKind::Other, Deletion::None).is_some();
    assert!(is_hidden(b"a") && is_hidden(b"b") && !is_hidden(b"c"));
}
