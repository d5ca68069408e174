//! Rule and merge-file syntax: bytes to [`Parsed`] rules (rsync(1), FILTER RULES IN DEPTH).

mod modifiers;
mod text;

pub use text::{FileLabel, LineEnd, Records, Source};

use super::error::FilterError;
use super::rule::{
    Action, Anchor, Defaults, Home, Inherit, Lifetime, Polarity, Prefixes, Rule, Scope, Side, Sides, Split,
    Subject,
};
use crate::cvs;
use modifiers::Modifiers;

use super::pattern::Pattern;

/// What plain rules (no `s`, no `r`) act on: `--delete-excluded` takes the receiver's half away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainSides {
    /// Hide and protect.
    Both,
    /// Hide only (`--delete-excluded`).
    SenderOnly,
}

impl From<PlainSides> for Sides {
    fn from(plain: PlainSides) -> Sides {
        match plain {
            PlainSides::Both => Sides::Both,
            PlainSides::SenderOnly => Sides::Sender,
        }
    }
}

/// The kind of rule a prefix names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Decide(Action, Option<Side>),
    Merge,
    DirMerge,
    Clear,
}

/// A merge rule as written: the file and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRule {
    /// The file named.
    pub path: Box<[u8]>,
    /// Whether sub-directories inherit (dir-merge only).
    pub inherit: Inherit,
    /// Whether the merge file itself is excluded (modifier `e`).
    pub hide_itself: HideItself,
    /// What the rules in the file start from.
    pub defaults: Defaults,
}

/// Whether a merge rule also excludes the merge file's name (modifier `e`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HideItself {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// One parsed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Nothing to add.
    Nothing,
    /// `!`: forget the rules so far.
    Clear,
    /// A pattern.
    Rule(Rule),
    /// The CVS list with these defaults (`-C` as a rule).
    CvsList(Defaults),
    /// A single-instance merge file.
    Merge(MergeRule),
    /// A per-directory merge file.
    DirMerge(MergeRule),
}

/// How one record is to be understood.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the merge rule, or the option, hands down.
    pub defaults: &'a Defaults,
    /// What plain rules act on.
    pub plain_sides: PlainSides,
    /// Where the text stands, for errors.
    pub source: &'a Source,
}

impl Defaults {
    /// What `--filter` starts from.
    #[must_use]
    pub fn of_filter_option() -> Defaults {
        Defaults {
            prefixes: Prefixes::Required,
            split: Split::Lines,
            sides: None,
            lifetime: Lifetime::Lasting,
            subject: Subject::Names,
            scope: Scope::Transfer,
            home: Home::Rules,
        }
    }

    /// What `--exclude`, `--include` and their `-from` forms start from.
    #[must_use]
    pub fn of_old_option(action: Action) -> Defaults {
        Defaults { prefixes: Prefixes::Optional(action), ..Defaults::of_filter_option() }
    }

    /// What the patterns of the CVS list and of `.cvsignore` files start from.
    #[must_use]
    pub fn of_cvs() -> Defaults {
        Defaults {
            prefixes: Prefixes::Cvs,
            split: Split::Words,
            home: Home::Cvs,
            ..Defaults::of_filter_option()
        }
    }
}

/// Parses one rule.
///
/// # Errors
/// A rule that rsync refuses, in rsync's words.
pub fn parse_rule(text: &[u8], context: &Context<'_>) -> Result<Parsed, FilterError> {
    match context.defaults.prefixes {
        _ if text.is_empty() => Ok(Parsed::Nothing),
        Prefixes::Required => parse_prefixed(text, context),
        Prefixes::Optional(action) => parse_old(text, action, context),
        Prefixes::None(action) => Ok(Parsed::Rule(bare(text, action, context))),
        Prefixes::Cvs if text == b"!" => Ok(Parsed::Clear),
        Prefixes::Cvs => Ok(Parsed::Rule(bare(text, Action::Exclude, context))),
    }
}

/// A pattern without any prefix.
fn bare(pattern: &[u8], action: Action, context: &Context<'_>) -> Rule {
    let defaults = context.defaults;
    Rule {
        action,
        sides: defaults.sides.unwrap_or(context.plain_sides.into()),
        subject: defaults.subject,
        polarity: Polarity::Matching,
        lifetime: defaults.lifetime,
        origin: context.source.origin(),
        home: context.defaults.home,
        anchor: Anchor::OwnDirectory,
        pattern: Pattern::new(pattern, defaults.scope),
    }
}

/// `--exclude` and `--include`: `+ x`, `- x` and a lone `!` are still rules.
fn parse_old(text: &[u8], action: Action, context: &Context<'_>) -> Result<Parsed, FilterError> {
    let (action, pattern) = match text {
        b"!" => return Ok(Parsed::Clear),
        [b'-', b' ', rest @ ..] => (Action::Exclude, rest),
        [b'+', b' ', rest @ ..] => (Action::Include, rest),
        _ => (action, text),
    };
    if pattern.is_empty() {
        return Err(FilterError::UnexpectedEnd(context.source.culprit(text)));
    }
    Ok(Parsed::Rule(bare(pattern, action, context)))
}

/// Reads the rule's short or long name.
fn parse_verb(text: &[u8]) -> Option<(Verb, usize)> {
    const LONG: [(&[u8], Verb); 9] = [
        (b"exclude", Verb::Decide(Action::Exclude, None)),
        (b"include", Verb::Decide(Action::Include, None)),
        (b"hide", Verb::Decide(Action::Exclude, Some(Side::Sender))),
        (b"show", Verb::Decide(Action::Include, Some(Side::Sender))),
        (b"protect", Verb::Decide(Action::Exclude, Some(Side::Receiver))),
        (b"risk", Verb::Decide(Action::Include, Some(Side::Receiver))),
        (b"merge", Verb::Merge),
        (b"dir-merge", Verb::DirMerge),
        (b"clear", Verb::Clear),
    ];
    const SHORT: &[u8; 9] = b"-+HSPR.:!";
    let long = LONG.iter().find(|(name, _)| {
        text.strip_prefix(*name).is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'_' | b',')))
    });
    if let Some((name, verb)) = long {
        return Some((*verb, name.len()));
    }
    let at = SHORT.iter().position(|short| text.first() == Some(short))?;
    Some((LONG[at].1, 1))
}

/// A rule with a prefix: verb, modifiers, one space or underscore, pattern.
fn parse_prefixed(text: &[u8], context: &Context<'_>) -> Result<Parsed, FilterError> {
    let culprit = || context.source.culprit(text);
    let Some((verb, verb_end)) = parse_verb(text) else { return Err(FilterError::UnknownRule(culprit())) };
    let parsed = match verb {
        Verb::Clear => {
            return match &text[verb_end..] {
                b"" | b"," => Ok(Parsed::Clear),
                _ => Err(FilterError::TrailingAfterClear(culprit())),
            };
        }
        Verb::Decide(action, _) => {
            let (modifiers, used) = Modifiers::parse(text, verb_end, verb, context)?;
            parse_decision(&text[used..], action, &modifiers, context)
        }
        Verb::Merge | Verb::DirMerge => {
            let (modifiers, used) = Modifiers::parse(text, verb_end, verb, context)?;
            parse_merge(&text[used..], verb, &modifiers)
        }
    };
    parsed.ok_or_else(|| FilterError::UnexpectedEnd(culprit()))
}

/// `None` when the pattern is missing.
fn parse_decision(
    pattern: &[u8],
    action: Action,
    modifiers: &Modifiers,
    context: &Context<'_>,
) -> Option<Parsed> {
    if modifiers.cvs {
        return Some(Parsed::CvsList(modifiers.defaults.clone()));
    }
    if pattern.is_empty() {
        return None;
    }
    Some(Parsed::Rule(Rule {
        action,
        sides: modifiers.defaults.sides.unwrap_or(context.plain_sides.into()),
        subject: modifiers.defaults.subject,
        polarity: modifiers.polarity,
        lifetime: modifiers.defaults.lifetime,
        origin: context.source.origin(),
        home: context.defaults.home,
        anchor: Anchor::OwnDirectory,
        pattern: Pattern::new(pattern, modifiers.defaults.scope),
    }))
}

/// `None` when the file name is missing.
fn parse_merge(pattern: &[u8], verb: Verb, modifiers: &Modifiers) -> Option<Parsed> {
    let named = pattern.len() - pattern.iter().rev().take_while(|&&byte| byte == b'/').count();
    let path = match (&pattern[..named], modifiers.cvs) {
        (b"", true) => cvs::IGNORE_FILE,
        (b"", false) => return None,
        (path, _) => path,
    };
    let rule = MergeRule {
        path: path.into(),
        inherit: modifiers.inherit,
        hide_itself: modifiers.hide_itself,
        defaults: modifiers.defaults.clone(),
    };
    Some(if verb == Verb::Merge { Parsed::Merge(rule) } else { Parsed::DirMerge(rule) })
}
