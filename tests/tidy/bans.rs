//! Leftovers, bare `allow`s, ignored tests, unsafe code outside uring-ext, files without a header.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

use crate::paths::named;
use crate::source::{Area, Finding, Source, lines};

const MACROS: &[&str] = &[concat!("to", "do!"), concat!("un", "implemented!"), concat!("d", "bg!")];
const WORDS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
/// Crate roots that must rule unsafe code out for good.
const FORBIDDING: &[&str] = &["src/lib.rs", "src/main.rs", "compat/src/lib.rs"];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut visitor = Bans { source, findings: header(source) };
    visitor.visit_file(&source.tree);
    visitor.findings.extend(macros(source));
    visitor.findings.extend(words(source));
    visitor.findings
}

fn header(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.text.starts_with("//!") {
        findings.push(source.finding(1, "header", "the first line says what the file is for, as `//! …`"));
    }
    if FORBIDDING.contains(&source.path.as_str()) && !source.text.contains("#![forbid(unsafe_code)]") {
        findings.push(source.finding(1, "unsafe", "this crate root says #![forbid(unsafe_code)]"));
    }
    findings
}

fn macros(source: &Source) -> Vec<Finding> {
    let called = named(source).into_iter().filter_map(|named| {
        let last = named.path.last()?;
        MACROS.contains(&last.as_str()).then(|| (named.line, format!("`{last}` is for work in progress")))
    });
    let unique: BTreeSet<(usize, String)> = called.collect();
    unique.into_iter().map(|(line, reason)| source.finding(line, "leftover", reason)).collect()
}

fn words(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(|word| WORDS.contains(word)) {
            findings.push(source.finding(index + 1, "leftover", format!("`{word}`: open an issue instead")));
        }
    }
    findings
}

struct Bans<'s> {
    source: &'s Source,
    findings: Vec<Finding>,
}

impl Bans<'_> {
    fn fence(&mut self, line: usize) {
        if self.source.area != Area::UringExt && !self.source.path.starts_with("uring-ext/") {
            self.findings.push(self.source.finding(line, "unsafe", "unsafe code lives in uring-ext only"));
        }
    }
}

impl<'ast> Visit<'ast> for Bans<'_> {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let line = lines(attribute).0;
        let words = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.to_string(),
            syn::Meta::Path(_) | syn::Meta::NameValue(_) => String::new(),
        };
        let in_cfg = attribute.path().is_ident("cfg_attr") && words.contains("allow");
        if (attribute.path().is_ident("allow") || in_cfg) && !words.contains("reason") {
            self.findings.push(self.source.finding(
                line,
                "bare-allow",
                "say #[expect(lint, reason = \"…\")]",
            ));
        }
        if attribute.path().is_ident("ignore") {
            self.findings.push(self.source.finding(
                line,
                "ignored-test",
                "a test fails and says what it lacks",
            ));
        }
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.fence(lines(&block.unsafe_token).0);
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(token) = &signature.unsafety {
            self.fence(lines(token).0);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let Some(token) = &item.unsafety {
            self.fence(lines(token).0);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if let Some(token) = &item.unsafety {
            self.fence(lines(token).0);
        }
        visit::visit_item_trait(self, item);
    }

    fn visit_item_foreign_mod(&mut self, item: &'ast syn::ItemForeignMod) {
        self.fence(lines(&item.abi).0);
    }
}
