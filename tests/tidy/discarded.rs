//! What is thrown away by `let _ = …` is an answer, mostly an error: a comment on it, or just above, says why.

use syn::visit::{self, Visit};

use crate::source::{Finding, Source, lines, marks_test};

/// So many lines above count as just above.
const ABOVE_MAX: usize = 3;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut visitor = Discarded { source, findings: Vec::new() };
    if source.area.is_shipped() {
        visitor.visit_file(&source.tree);
    }
    visitor.findings
}

struct Discarded<'s> {
    source: &'s Source,
    findings: Vec<Finding>,
}

impl Discarded<'_> {
    fn has_comment(&self, line: usize) -> bool {
        let first = line.saturating_sub(1 + ABOVE_MAX);
        // What a file is for is no reason, and `//~` marks the snippets that this check is tried on.
        let mut near = self.source.text.lines().skip(first).take(line - first);
        near.any(|line| line.replace("//~", "").replace("//!", "").contains("//"))
    }
}

fn is_wild(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        syn::Pat::Type(typed) => is_wild(&typed.pat),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Discarded<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        let line = lines(&local.let_token).0;
        let is_answer = local.init.as_ref().is_some_and(|init| !matches!(*init.expr, syn::Expr::Lit(_)));
        if is_wild(&local.pat) && is_answer && !self.has_comment(line) {
            let reason = "`let _ =` throws an answer away: a comment says why";
            self.findings.push(self.source.finding(line, "discarded", reason));
        }
        visit::visit_local(self, local);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !marks_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !marks_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }
}
