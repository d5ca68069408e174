//! One parsed Rust file, where it belongs, and what can be found in it.

use std::fmt;

use syn::spanned::Spanned;

/// Which part of the workspace a file belongs to: the rules differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Program,
    Compat,
    UringExt,
    /// xtask, benches, the library of compat-tests: ours to read, not shipped.
    Tools,
    Tests,
}

impl Area {
    fn of(path: &str) -> Self {
        let is_test = path.split('/').any(|part| part == "tests" || part == "tests.rs");
        match path.split_once("/src/").map_or(path, |(crate_dir, _)| crate_dir) {
            _ if is_test => Self::Tests,
            "compat" => Self::Compat,
            "uring-ext" => Self::UringExt,
            _ if path.starts_with("src/") => Self::Program,
            _ => Self::Tools,
        }
    }

    pub(crate) fn is_shipped(self) -> bool {
        matches!(self, Self::Program | Self::Compat | Self::UringExt)
    }
}

/// One Rust file: its path from the workspace's root, its text, its syntax tree.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) area: Area,
    pub(crate) text: String,
    pub(crate) tree: syn::File,
}

impl Source {
    pub(crate) fn parse(path: &str, text: String) -> Result<Self, Finding> {
        let tree = syn::parse_file(&text)
            .map_err(|error| Finding::new(path, error.span().start().line, "parse", error.to_string()))?;
        Ok(Self { path: path.to_owned(), area: Area::of(path), text, tree })
    }

    pub(crate) fn finding(&self, line: usize, rule: &'static str, reason: impl Into<String>) -> Finding {
        Finding::new(&self.path, line, rule, reason)
    }

    /// The file's place in its crate: `src/pipeline/walk/order.rs` is `crate::pipeline::walk::order`.
    pub(crate) fn module(&self) -> Vec<String> {
        let inner = self.path.split_once("src/").map_or(self.path.as_str(), |(_, inner)| inner);
        let mut parts: Vec<_> = inner.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts.insert(0, "crate".to_owned());
        parts
    }
}

/// A broken rule and where it is broken; line 0 stands for the whole file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) reason: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, rule: &'static str, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, reason: reason.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}: {}", self.path, self.line, self.rule, self.reason)
    }
}

/// Whether these attributes put an item in test code.
pub(crate) fn marks_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = attribute.path().segments.last().is_some_and(|last| last.ident == "test");
        is_test || (attribute.path().is_ident("cfg") && cfg_needs_test(&attribute.meta))
    })
}

fn cfg_needs_test(meta: &syn::Meta) -> bool {
    let syn::Meta::List(list) = meta else { return false };
    let words = list.tokens.to_string();
    let mut idents = words.split(|c: char| !c.is_alphanumeric() && c != '_');
    idents.any(|word| word == "test") && !words.contains("not")
}

/// First and last line of a piece of syntax.
pub(crate) fn lines(piece: &impl Spanned) -> (usize, usize) {
    let span = piece.span();
    (span.start().line, span.end().line)
}
