//! The strategies: what they draw can be made on disk and is read back, and what fails becomes as small as it can be.

use compat_tests::alone::Alone;
use compat_tests::strategies::{Weights, arguments, cases, changes, trees};
use compat_tests::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

#[test]
fn trees_are_made_and_read_back() {
    let came = runner(40).run(&trees(), |tree| {
        let alone = Alone::new(&tree.clone().below("s").with([dir("s")]), None);
        let there: Vec<Vec<u8>> = alone.snapshot("s").items.into_keys().filter(|path| path != b".").collect();
        let wanted: Vec<Vec<u8>> = tree.entries.into_keys().collect();
        if there == wanted { Ok(()) } else { Err(TestCaseError::fail(format!("{there:?}"))) }
    });
    assert_eq!(came, Ok(()));
}

#[test]
fn a_tree_that_fails_becomes_as_small_as_it_can() {
    let is_link = |entry: &Entry| matches!(entry.kind, Kind::Symlink(_));
    let came = runner(200).run(&trees(), |tree| {
        match tree.entries.values().filter(|entry| is_link(entry)).count() {
            0 | 1 => Ok(()),
            _ => Err(TestCaseError::fail("two links")),
        }
    });
    let Err(TestError::Fail(_, least)) = came else { panic!("no tree had two links: {came:?}") };
    let (links, others): (Vec<&Entry>, Vec<&Entry>) =
        least.entries.values().partition(|entry| is_link(entry));
    assert_eq!(links.len(), 2);
    assert!(
        others.iter().all(|entry| entry.kind == Kind::Dir),
        "only what holds the links is left: {least:?}"
    );
}

#[test]
fn options_that_fail_become_few() {
    for weights in [Weights::AsUsed, Weights::Equal] {
        let came = runner(400).run(&arguments(weights), |options| {
            let has = |word: &str| options.iter().flatten().any(|option| option == word);
            if has("--delete") && has("-i") { Err(TestCaseError::fail("both")) } else { Ok(()) }
        });
        let Err(TestError::Fail(_, least)) = came else { panic!("no list had both: {came:?}") };
        assert_eq!(least.len(), 2, "{least:?}");
    }
}

#[test]
fn changed_trees_and_cases_shrink_to_their_ends() {
    let mut runner = runner(1);
    let mut tree = changes().new_tree(&mut runner).expect("always drawn");
    while tree.simplify() {}
    assert_eq!(tree.current(), (Tree::default(), Tree::default()));
    let mut tree = cases().new_tree(&mut runner).expect("always drawn");
    let first = format!("{:?}", tree.current());
    while tree.simplify() {}
    assert!(format!("{:?}", tree.current()).len() < first.len());
}
