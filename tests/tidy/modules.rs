//! Every file under a `src/` belongs to its crate: one that no `mod` names is dead.

use std::collections::BTreeSet;

use crate::source::{Finding, Source};

pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let declared: BTreeSet<_> = sources.iter().filter(|source| in_crate(source)).flat_map(declares).collect();
    let dead = sources.iter().filter(|source| {
        in_crate(source)
            && source.module().len() > 1
            && !is_binary(source)
            && !declared.contains(&place(source))
    });
    dead.map(|source| source.finding(1, "dead-file", "no `mod` names this file")).collect()
}

fn in_crate(source: &Source) -> bool {
    source.path.contains("src/")
}

fn is_binary(source: &Source) -> bool {
    source.path.contains("src/bin/")
}

/// The crate's directory and the module's path in it.
fn place(source: &Source) -> (String, Vec<String>) {
    (crate_dir(source), source.module())
}

fn crate_dir(source: &Source) -> String {
    source.path.split_once("src/").map_or("", |(dir, _)| dir).to_owned()
}

fn declares(source: &Source) -> Vec<(String, Vec<String>)> {
    let modules = source.tree.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    });
    modules.map(|name| (crate_dir(source), [source.module(), vec![name]].concat())).collect()
}
