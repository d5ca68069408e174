//! The letters between a rule's name and its pattern (rsync(1), FILTER RULE MODIFIERS, MERGE-FILE FILTER RULES).

use super::{Context, HideItself, Verb};
use crate::filter::error::FilterError;
use crate::filter::rule::{
    Action, Defaults, Inherit, Lifetime, Origin, Polarity, Prefixes, Scope, Side, Sides, Split, Subject,
};

/// What the modifiers of one rule add up to.
#[derive(Clone, Debug)]
pub(super) struct Modifiers {
    pub(super) defaults: Defaults,
    pub(super) polarity: Polarity,
    pub(super) inherit: Inherit,
    pub(super) hide_itself: HideItself,
    pub(super) cvs: bool,
}

impl Modifiers {
    /// Reads the modifiers of the rule `text` from `start`; gives where its pattern begins.
    pub(super) fn parse(
        text: &[u8],
        start: usize,
        verb: Verb,
        context: &Context<'_>,
    ) -> Result<(Modifiers, usize), FilterError> {
        let mut modifiers = Modifiers::inherited(verb, context.defaults);
        let named_by_verb = match verb {
            Verb::Decide(_, side) => side,
            Verb::Merge | Verb::DirMerge | Verb::Clear => None,
        };
        let mut own_sides: Option<Sides> = named_by_verb.map(Sides::from);
        let mut at = if text.get(start) == Some(&b',') { start + 1 } else { start };
        while let Some(&letter) = text.get(at) {
            if letter == b' ' || letter == b'_' {
                at += 1;
                break;
            }
            let accepted = match letter {
                b's' | b'r' if named_by_verb.is_none() => {
                    let side = if letter == b's' { Side::Sender } else { Side::Receiver };
                    own_sides = Some(own_sides.map_or(side.into(), |sides| sides.and(side)));
                    true
                }
                _ => modifiers.accept(letter, verb),
            };
            if !accepted {
                let rule = context.source.culprit(text);
                let shown = context.source.origin() == Origin::CommandLine;
                return Err(FilterError::InvalidModifier { letter: shown.then_some((letter, at)), rule });
            }
            at += 1;
        }
        if own_sides.is_some() {
            if context.defaults.sides.is_some() {
                return Err(FilterError::SidedInSided(context.source.culprit(text)));
            }
            modifiers.defaults.sides = own_sides;
        }
        Ok((modifiers, at))
    }

    /// What a rule starts from inside a merge file with these defaults.
    fn inherited(verb: Verb, defaults: &Defaults) -> Modifiers {
        let mut own = defaults.clone();
        if matches!(verb, Verb::Merge | Verb::DirMerge) {
            own.prefixes = Prefixes::Required;
            own.split = Split::Lines;
            own.subject = Subject::Names;
        }
        Modifiers {
            defaults: own,
            polarity: Polarity::Matching,
            inherit: Inherit::Subtree,
            hide_itself: HideItself::No,
            cvs: false,
        }
    }

    /// Takes one letter; `false` when the rule cannot have it.
    fn accept(&mut self, letter: u8, verb: Verb) -> bool {
        let merges = matches!(verb, Verb::Merge | Verb::DirMerge);
        match letter {
            b'/' => self.defaults.scope = Scope::Absolute,
            b'p' => self.defaults.lifetime = Lifetime::Perishable,
            b'x' => self.defaults.subject = Subject::Xattrs,
            b'!' if !merges => self.polarity = Polarity::Failing,
            b'C' if self.defaults.prefixes == Prefixes::Required => self.set_cvs(verb),
            b'-' | b'+' if merges && self.defaults.prefixes == Prefixes::Required => {
                let action = if letter == b'-' { Action::Exclude } else { Action::Include };
                self.defaults.prefixes = Prefixes::None(action);
            }
            b'e' if merges => self.hide_itself = HideItself::Yes,
            b'n' if merges => self.inherit = Inherit::OwnDirectory,
            b'w' if merges => self.defaults.split = Split::Words,
            _ => return false,
        }
        true
    }

    fn set_cvs(&mut self, verb: Verb) {
        self.cvs = true;
        if matches!(verb, Verb::Merge | Verb::DirMerge) {
            self.inherit = Inherit::OwnDirectory;
            self.defaults.split = Split::Words;
            self.defaults.prefixes = Prefixes::Cvs;
        }
    }
}
