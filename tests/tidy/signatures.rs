//! At most five parameters besides `self`, and none of type `bool`: a caller's `true` says nothing. Nor any that is a
//! tuple, which is only a way around the limit: what travels together has a type with names.

use syn::visit::{self, Visit};

use crate::source::{Area, Finding, Source, lines, marks_test};

const PARAMETERS_MAX: usize = 5;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut visitor = Signatures { source, findings: Vec::new() };
    if source.area != Area::Tests {
        visitor.visit_file(&source.tree);
    }
    visitor.findings
}

struct Signatures<'s> {
    source: &'s Source,
    findings: Vec<Finding>,
}

impl Signatures<'_> {
    fn judge(&mut self, signature: &syn::Signature) {
        let name = &signature.ident;
        let typed = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => Some(typed),
            syn::FnArg::Receiver(_) => None,
        });
        let count = typed.clone().count();
        if count > PARAMETERS_MAX {
            let reason = format!("`{name}` takes {count} parameters, at most {PARAMETERS_MAX}");
            self.findings.push(self.source.finding(lines(&signature.fn_token).0, "parameters", reason));
        }
        for parameter in typed.clone().filter(|parameter| is_tuple(&parameter.ty)) {
            let reason = format!("`{name}` takes a tuple: a struct, or two parameters, say what is what");
            self.findings.push(self.source.finding(lines(parameter).0, "tuple-parameter", reason));
        }
        for parameter in typed.filter(|parameter| is_bool(&parameter.ty)) {
            let reason = format!("`{name}` takes a bool: an enum of two names says which is which");
            self.findings.push(self.source.finding(lines(parameter).0, "bool-parameter", reason));
        }
    }
}

fn is_bool(of: &syn::Type) -> bool {
    match of {
        syn::Type::Path(path) => path.path.is_ident("bool"),
        syn::Type::Reference(reference) => is_bool(&reference.elem),
        _ => false,
    }
}

fn is_tuple(of: &syn::Type) -> bool {
    match of {
        syn::Type::Tuple(tuple) => !tuple.elems.is_empty(),
        syn::Type::Reference(reference) => is_tuple(&reference.elem),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Signatures<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !marks_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !marks_test(&function.attrs) {
            self.judge(&function.sig);
            visit::visit_item_fn(self, function);
        }
    }

    // A trait's implementation has no choice: the trait's own declaration is judged.
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if item.trait_.is_none() && !marks_test(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !marks_test(&function.attrs) {
            self.judge(&function.sig);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.judge(&function.sig);
    }
}
