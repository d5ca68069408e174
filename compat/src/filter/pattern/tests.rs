//! The matcher against rsync's answers, and against a naive matcher.

use proptest::prelude::*;

use super::*;

#[test]
fn patterns_of_the_manual() {
    let cases: &[(&str, &str, bool)] = &[
        ("foo", "a/foo", true),
        ("foo/bar", "a/foo/bar", true),
        ("foo/bar", "a/xfoo/bar", false),
        ("/foo", "a/foo", false),
        ("/*", "a/b", false),
        ("/a*", "ab", true),
        ("/a*", "ab/c", false),
        ("*.o", "x/y.o", true),
        ("foo*", "x/food", true),
        ("*", ".a", true),
        ("?", "/", false),
        ("foo/*/bar", "foo/x/bar", true),
        ("foo/*/bar", "foo/bar", false),
        ("/foo/**/bar", "foo/bar", false),
        ("/foo/**/bar", "foo/x/y/bar", true),
        ("**/bar", "bar", true),
        ("**/**/bar", "a/bar", true),
        ("**a", "b/a", true),
        ("/a/**", "a", false),
        ("a***", "ab", true),
        ("foo\\bar", "foo\\bar", true),
        ("foo\\bar*", "foobar", true),
        ("foo\\\\ba*", "foo\\bar", true),
        ("w\\[x]", "w[x]", true),
        ("w[x]", "w[x]", false),
        ("[!a]", "b", true),
        ("[^a]", "a", false),
        ("x[!/]y", "x/y", false),
        ("[b-a]", "b", true),
        ("[b-a]", "a", false),
        ("[]a]", "]", true),
        ("[a-]", "-", true),
        ("[[:alpha:]]", "q", true),
        ("[[:foo:]]", "f", false),
        ("[[:alpha:x]", "h", true),
        ("[a", "a", false),
    ];
    for (pattern, path, wanted) in cases {
        let compiled = Pattern::new(pattern.as_bytes(), Scope::Transfer);
        assert_eq!(compiled.matches(path.as_bytes(), NameKind::Other), *wanted, "{pattern} {path}");
    }
}

#[test]
fn directories() {
    let matches =
        |pattern: &[u8], path: &[u8], kind| Pattern::new(pattern, Scope::Transfer).matches(path, kind);
    assert!(matches(b"foo/", b"a/foo", NameKind::Directory));
    assert!(!matches(b"foo/", b"a/foo", NameKind::Other));
    assert!(matches(b"/a/***", b"a", NameKind::Directory));
    assert!(!matches(b"/a/***", b"a", NameKind::Other));
    assert!(matches(b"/a/***", b"a/b/c", NameKind::Other));
}

/// Wildcards by definition: every way to split.
fn naive(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| naive(rest, &text[at..])),
        [b'*', rest @ ..] => {
            let run = text.iter().take_while(|&&byte| byte != b'/').count();
            (0..=run).any(|at| naive(rest, &text[at..]))
        }
        [b'?', rest @ ..] => text.first().is_some_and(|&byte| byte != b'/') && naive(rest, &text[1..]),
        [byte, rest @ ..] => text.first() == Some(byte) && naive(rest, &text[1..]),
    }
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_the_definition(pattern in "[ab/?*]{0,9}", text in "[ab/]{0,12}") {
        let framed = Framed { head: b"", path: text.as_bytes(), tail: b"" };
        prop_assert_eq!(Glob::new(pattern.as_bytes()).matches(&framed), naive(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn any_bytes_are_a_pattern(pattern in proptest::collection::vec(any::<u8>(), 0..40), path in "[a-c/]{0,20}") {
        for kind in [NameKind::Directory, NameKind::Other] {
            let _ = Pattern::new(&pattern, Scope::Transfer).matches(path.as_bytes(), kind);
        }
    }

    #[test]
    fn any_bytes_are_a_rule_or_an_error(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let args = [super::super::FilterArg::Filter(&text)];
        let mut read = |_: &[u8]| Ok(b"- a\n".to_vec());
        if let Err(error) = super::super::RuleList::parse(&args, super::super::Settings::plain(), &mut read) {
            prop_assert!(!error.message().is_empty());
        }
    }
}
