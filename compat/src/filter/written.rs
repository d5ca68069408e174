//! A rule list as text again, one rule a line: what the script beside a batch replays (rsync(1), BATCH MODE).

use super::list::RuleList;
use super::parse::{LineEnd, PlainSides};
use super::rule::{
    Action, DirMerge, Home, Inherit, Item, Lifetime, Polarity, Prefixes, Rule, Scope, Sides, Split, Subject,
};

impl RuleList {
    /// The rules as they were written, those of `-C` left out, as it is repeated itself; `None` when there are none.
    ///
    /// # Errors
    /// A line break in a pattern has no place in a text of lines.
    pub fn written(&self) -> Result<Option<Vec<u8>>, LineBreak> {
        let mut text = Vec::new();
        let mut cvs = Run::Outside;
        for (index, item) in self.items.iter().enumerate() {
            if self.cvs_option.contains(&index) {
                continue;
            }
            let rule = match item {
                Item::Rule(rule) if rule.home == Home::Cvs => {
                    let first = cvs == Run::Outside;
                    cvs = Run::Inside;
                    if !first {
                        continue;
                    }
                    b"-C ".to_vec()
                }
                Item::Rule(rule) => rule_text(rule, self.settings.plain_sides),
                Item::DirMerge(merge) => merge_text(merge),
            };
            if rule != b"-C " {
                cvs = Run::Outside;
            }
            match self.settings.line_end {
                LineEnd::Newline if rule.contains(&b'\n') => return Err(LineBreak),
                LineEnd::Newline => text.extend([rule.as_slice(), b"\n"].concat()),
                LineEnd::Nul => text.extend([rule.as_slice(), b"\0"].concat()),
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        if self.settings.line_end == LineEnd::Nul {
            // A comment, so that the last line can end.
            text.extend_from_slice(b";\n");
        }
        Ok(Some(text))
    }
}

/// A pattern holds a line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineBreak;

/// Whether the rule before was of the built-in list, which one line stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Inside,
    Outside,
}

fn action(action: Action) -> u8 {
    match action {
        Action::Exclude => b'-',
        Action::Include => b'+',
    }
}

fn rule_text(rule: &Rule, plain: PlainSides) -> Vec<u8> {
    let mut text = vec![action(rule.action)];
    text.extend((rule.pattern.scope() == Scope::Absolute).then_some(b'/'));
    text.extend((rule.polarity == Polarity::Failing).then_some(b'!'));
    text.extend((rule.subject == Subject::Xattrs).then_some(b'x'));
    let sides = if rule.sides == Sides::from(plain) { Sides::Both } else { rule.sides };
    match sides {
        Sides::Sender => text.push(b's'),
        Sides::Receiver => text.push(b'r'),
        // Both by name protects where plain rules do not.
        Sides::Both if rule.sides == Sides::Both && plain == PlainSides::SenderOnly => text.extend(b"sr"),
        Sides::Both => {}
    }
    text.extend((rule.lifetime == Lifetime::Perishable).then_some(b'p'));
    [&text, b" ".as_slice(), rule.pattern.text()].concat()
}

fn merge_text(merge: &DirMerge) -> Vec<u8> {
    let (mut text, defaults) = (vec![b':'], &merge.defaults);
    if defaults.prefixes == Prefixes::Cvs {
        text.push(b'C');
    } else {
        text.extend((defaults.scope == Scope::Absolute).then_some(b'/'));
        text.extend((merge.inherit == Inherit::OwnDirectory).then_some(b'n'));
        text.extend((defaults.split == Split::Words).then_some(b'w'));
        if let Prefixes::None(of) | Prefixes::Optional(of) = defaults.prefixes {
            text.push(action(of));
        }
    }
    text.extend((defaults.subject == Subject::Xattrs).then_some(b'x'));
    match defaults.sides {
        Some(Sides::Sender) => text.push(b's'),
        Some(Sides::Receiver) => text.push(b'r'),
        Some(Sides::Both) => text.extend(b"sr"),
        None => {}
    }
    text.extend((defaults.lifetime == Lifetime::Perishable).then_some(b'p'));
    [&text, b" ".as_slice(), &merge.parents, &merge.name].concat()
}

#[cfg(test)]
mod tests {
    use crate::filter::{FilterArg, RuleList, Settings};

    fn written(rules: &[&str]) -> String {
        let args: Vec<FilterArg<'_>> = rules.iter().map(|rule| FilterArg::Filter(rule.as_bytes())).collect();
        let mut none = |_: &[u8]| Ok(Vec::new());
        let list = RuleList::parse(&args, Settings::plain(), &mut none).unwrap();
        String::from_utf8(list.written().unwrap().unwrap_or_default()).unwrap()
    }

    /// As rsync 3.5.0 writes them into its script.
    #[test]
    fn rules_are_written_as_rsync_writes_them() {
        let cases = [
            ("- x", "- x"),
            ("H x", "-s x"),
            ("R x", "+r x"),
            ("-sr x", "- x"),
            ("protect,! x", "-!r x"),
            ("-!/ /x", "-/! /x"),
            ("-px y", "-xp y"),
            ("+s!/p f", "+/!sp f"),
            (":C", ":C .cvsignore"),
            (": /.f", ": /.f"),
            (":nwx- f", ":nw-x f"),
            (":rsp f", ":srp f"),
            ("dir-merge,n- f", ":n- f"),
            ("-C", "-C "),
            (":e- f", "- f\n:- f"),
        ];
        for (rule, wanted) in cases {
            assert_eq!(written(&[rule]), format!("{wanted}\n"), "{rule}");
        }
        assert_eq!(written(&["-C", "- y", "+ /z/"]), "-C \n- y\n+ /z/\n");
    }
}
