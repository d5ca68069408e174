//! Sizes of files and functions. Lines count comments and blanks; inline tests are left out.

use syn::visit::{self, Visit};

use crate::source::{Finding, Source, lines, marks_test};

const FILE_LINES_MAX: usize = 600;
const FILE_LINES_P50: usize = 150;
const FILE_LINES_P90: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const FUNCTION_LINES_P50: usize = 8;
const FUNCTION_LINES_P90: usize = 30;
/// The option table: one row per option, as long as rsync's manual makes it.
const TABLE: &str = "compat/src/options/table";

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let length = file_lines(source);
    if length > FILE_LINES_MAX && !source.path.starts_with(TABLE) {
        let reason = format!("{length} lines, at most {FILE_LINES_MAX}: split the file");
        findings.push(source.finding(1, "file-size", reason));
    }
    for function in functions(source) {
        if function.lines > FUNCTION_LINES_MAX {
            let reason =
                format!("`{}` has {} lines, at most {FUNCTION_LINES_MAX}", function.name, function.lines);
            findings.push(source.finding(function.first, "function-size", reason));
        }
    }
    findings
}

/// The medians and ninth deciles over all code that is not test code.
pub(crate) fn check_spread(sources: &[Source]) -> Vec<Finding> {
    let ours = || sources.iter().filter(|source| source.area != crate::source::Area::Tests);
    let files = ours().filter(|source| !source.path.starts_with(TABLE)).map(file_lines).collect();
    let code = ours().flat_map(functions).filter(|function| !function.in_test);
    let bodies = code.map(|function| function.lines).collect();
    [
        spread("files", files, [FILE_LINES_P50, FILE_LINES_P90]),
        spread("functions", bodies, [FUNCTION_LINES_P50, FUNCTION_LINES_P90]),
    ]
    .concat()
    .into_iter()
    .map(|reason| Finding::new("workspace", 0, "spread", reason))
    .collect()
}

fn spread(what: &str, mut lengths: Vec<usize>, [p50_max, p90_max]: [usize; 2]) -> Vec<String> {
    lengths.sort_unstable();
    let at = |percent: usize| lengths.get(lengths.len() * percent / 100).copied().unwrap_or(0);
    let (p50, p90, longest) = (at(50), at(90), lengths.last().copied().unwrap_or(0));
    println!("{} {what}: p50 {p50}, p90 {p90}, longest {longest} lines", lengths.len());
    let mut found = Vec::new();
    for (name, is, max) in [("p50", p50, p50_max), ("p90", p90, p90_max)] {
        if is > max {
            found.push(format!("{name} of {what} is {is} lines, at most {max}"));
        }
    }
    found
}

/// The file's lines without its inline test modules.
fn file_lines(source: &Source) -> usize {
    let tests = source.tree.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) if marks_test(&module.attrs) => Some(lines(module)),
        _ => None,
    });
    source.text.lines().count() - tests.map(|(first, last)| last - first + 1).sum::<usize>()
}

struct Function {
    name: String,
    first: usize,
    lines: usize,
    in_test: bool,
}

fn functions(source: &Source) -> Vec<Function> {
    let in_test = source.area == crate::source::Area::Tests;
    let mut visitor = Functions { found: Vec::new(), in_test };
    visitor.visit_file(&source.tree);
    visitor.found
}

struct Functions {
    found: Vec<Function>,
    in_test: bool,
}

impl Functions {
    /// From `fn` to the closing brace: attributes and documentation don't count.
    fn push(&mut self, attributes: &[syn::Attribute], signature: &syn::Signature, block: &syn::Block) {
        let (first, last) = (lines(&signature.fn_token).0, lines(block).1);
        let in_test = self.in_test || marks_test(attributes);
        self.found.push(Function {
            name: signature.ident.to_string(),
            first,
            lines: last - first + 1,
            in_test,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let outer = self.in_test;
        self.in_test |= marks_test(&module.attrs);
        visit::visit_item_mod(self, module);
        self.in_test = outer;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.push(&function.attrs, &function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.push(&function.attrs, &function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.push(&function.attrs, &function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
