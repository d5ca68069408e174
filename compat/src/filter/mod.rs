//! Filter rules: which names take part in a run (rsync(1), FILTER RULES).
//!
//! The options become a [`RuleList`] once; each side then carries a [`Chain`], the rules in force in one directory,
//! down the tree.
//!
//! ```
//! use rsync_compat::filter::{Action, Chain, Deletion, FilterArg, NameKind, RuleList, Settings, Side};
//!
//! let mut no_files = |_: &[u8]| Ok(Vec::new());
//! let args = [FilterArg::Filter(b"- *.o"), FilterArg::Filter(b"- /tmp/")];
//! let list = RuleList::parse(&args, Settings::plain(), &mut no_files).unwrap();
//! let chain = Chain::root(&list, Side::Sender, b"/home/me");
//! let found = chain.check(b"src/main.o", NameKind::Other, Deletion::None).unwrap();
//! assert_eq!(found.action(), Action::Exclude);
//! assert!(chain.check(b"src/tmp", NameKind::Directory, Deletion::None).is_none());
//! ```

mod chain;
mod error;
mod list;
mod loader;
mod parse;
mod pattern;
mod report;
mod rule;
mod written;

pub use chain::{Chain, Deletion, Match};
pub use error::{FilterError, ReadError};
pub use list::{FilterArg, RuleList, Settings, XattrRules};
pub use loader::Reader;
pub use parse::{
    Context, FileLabel, HideItself, LineEnd, MergeRule, Parsed, PlainSides, Records, Source, parse_rule,
};
pub use pattern::{NameKind, Pattern};
pub use report::{match_line, pattern_shown};
pub use rule::{
    Action, Anchor, Defaults, DirMerge, Home, Inherit, Item, Lifetime, Origin, Polarity, Prefixes, Rule,
    Scope, Side, Sides, Split, Subject,
};
pub use written::LineBreak;

#[cfg(test)]
mod tests;
