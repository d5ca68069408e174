//! Every path that a file names, in full: imports expanded, `self`, `super` and `crate` resolved.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::source::{Area, Source, lines, marks_test};

/// A path in use; a macro's last segment ends in `!`.
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// The import that the path came through, if it is not spelled out here.
    pub(crate) import: Option<Vec<String>>,
    pub(crate) in_test: bool,
}

pub(crate) fn named(source: &Source) -> Vec<Named> {
    let mut visitor = Paths {
        module: source.module(),
        in_test: source.area == Area::Tests,
        imports: HashMap::new(),
        found: Vec::new(),
    };
    visitor.visit_file(&source.tree);
    let Paths { imports, mut found, .. } = visitor;
    for named in &mut found {
        expand(named, &imports);
    }
    found
}

struct Paths {
    module: Vec<String>,
    in_test: bool,
    imports: HashMap<String, Vec<String>>,
    found: Vec<Named>,
}

impl Paths {
    fn push(&mut self, line: usize, path: &[String]) {
        let path = self.resolve(path);
        self.found.push(Named { line, path, import: None, in_test: self.in_test });
    }

    fn resolve(&self, path: &[String]) -> Vec<String> {
        let mut base = match path.first().map(String::as_str) {
            Some("self" | "super") => self.module.clone(),
            _ => Vec::new(),
        };
        for segment in path {
            match segment.as_str() {
                "self" => {}
                "super" => drop(base.pop()),
                _ => base.push(segment.clone()),
            }
        }
        base
    }

    fn import(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let leaf = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.import(&path.tree, &leaf(&path.ident)),
            syn::UseTree::Name(name) => self.bind(lines(name).0, &leaf(&name.ident), None),
            syn::UseTree::Rename(to) => self.bind(lines(to).0, &leaf(&to.ident), Some(to.rename.to_string())),
            syn::UseTree::Glob(glob) => self.push(lines(glob).0, prefix),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.import(item, prefix)),
        }
    }

    fn bind(&mut self, line: usize, path: &[String], rename: Option<String>) {
        let full = self.resolve(path);
        self.found.push(Named { line, path: full.clone(), import: None, in_test: self.in_test });
        let name = rename.or_else(|| full.last().cloned()).unwrap_or_default();
        self.imports.insert(name, full);
    }

    /// Inside a macro there are only tokens: every `a::b::c` and every `name!` counts.
    fn tokens(&mut self, stream: TokenStream) {
        let (mut path, mut line, mut joined) = (Vec::new(), 0, false);
        for token in stream {
            match token {
                TokenTree::Ident(ident) => {
                    if !joined {
                        self.flush(line, &mut path);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    joined = false;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => joined = !path.is_empty(),
                TokenTree::Punct(mark) if mark.as_char() == '!' && !path.is_empty() => {
                    path.last_mut().expect("not empty").push('!');
                    self.flush(line, &mut path);
                }
                TokenTree::Group(group) => {
                    self.flush(line, &mut path);
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.flush(line, &mut path),
            }
        }
        self.flush(line, &mut path);
    }

    fn flush(&mut self, line: usize, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.push(line, &std::mem::take(path));
        }
    }

    fn inside(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let outer = self.in_test;
        self.in_test |= marks_test(attributes);
        visit(self);
        self.in_test = outer;
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) => self.inside(&module.attrs, |this| {
                this.module.push(module.ident.to_string());
                this.imports.insert(module.ident.to_string(), this.module.clone());
                visit::visit_item(this, item);
                this.module.pop();
            }),
            syn::Item::Fn(function) => self.inside(&function.attrs, |this| visit::visit_item(this, item)),
            syn::Item::Impl(block) => self.inside(&block.attrs, |this| visit::visit_item(this, item)),
            syn::Item::Use(import) => self.inside(&import.attrs, |this| this.import(&import.tree, &[])),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.push(lines(path).0, &segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let mut segments: Vec<_> =
            call.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        segments.last_mut().expect("a macro has a name").push('!');
        self.push(lines(&call.path).0, &segments);
        self.tokens(call.tokens.clone());
    }

    // Attributes are judged by bans.rs; `#[derive(…)]` names no path that matters to a layer.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// Replaces a first segment that is an imported name or a child module, as often as that helps.
fn expand(named: &mut Named, imports: &HashMap<String, Vec<String>>) {
    const CHAIN_MAX: usize = 3;
    for _ in 0..CHAIN_MAX {
        let Some(import) = named.path.first().and_then(|first| imports.get(first)) else { return };
        if named.path.starts_with(import) {
            return;
        }
        named.path = [import, &named.path[1..]].concat();
        named.import = Some(import.clone());
    }
}
