//! The rules in force in one directory, for one side (rsync(1), MERGE-FILE FILTER RULES).
//!
//! A chain is a few shared pointers: cloning it and entering a directory without merge files copy nothing.
//! A directory's own merge file becomes a layer in front of what it inherits.

use std::sync::Arc;

use super::error::FilterError;
use super::list::{RuleList, Settings};
use super::loader::{Cleared, Loader, Reader, join};
use super::parse::FileLabel;
use super::pattern::NameKind;
use super::rule::{Action, Anchor, DirMerge, Inherit, Item, Lifetime, Polarity, Rule, Scope, Side, Subject};

/// Whether the name stands in a directory that is being deleted, where perishable rules do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// An ordinary directory.
    None,
    /// A directory that is on its way out.
    Doomed,
}

/// The rule that decided, and the merge file it came from when that is a per-directory one.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The dir-merge rule whose file held it.
    pub per_directory: Option<&'a DirMerge>,
}

impl Match<'_> {
    /// What the rule decided.
    #[must_use]
    pub fn action(&self) -> Action {
        self.rule.action
    }
}

/// A rule, or the place of a slot's rules.
#[derive(Clone, Debug)]
enum Link {
    Rule(Rule),
    Slot(usize),
}

/// The rules of one merge file in one directory.
#[derive(Debug)]
struct Layer {
    links: Vec<Link>,
    place: Place,
    inherited: Option<Arc<Layer>>,
}

/// Where a layer's anchored patterns start.
#[derive(Clone, Debug)]
enum Place {
    /// In the transfer: so many bytes of the path come before.
    Inside(usize),
    /// In a parent of the transfer root: this path leads down to the root.
    Above(Box<[u8]>),
}

/// One per-directory merge file name and its rules here.
#[derive(Clone, Debug)]
struct Slot {
    merge: Arc<DirMerge>,
    rules: Option<Arc<Layer>>,
}

/// What never changes on the way down.
#[derive(Debug)]
struct Base {
    links: Vec<Link>,
    side: Side,
    /// The transfer root's absolute path without trailing slash.
    root: Box<[u8]>,
    /// Where relative names inside per-directory merge files are looked up.
    current: Box<[u8]>,
    settings: Arc<Settings>,
}

/// The rules in force in one directory.
#[derive(Clone, Debug)]
pub struct Chain {
    base: Arc<Base>,
    slots: Arc<[Slot]>,
    parents: Parents,
}

/// Whether the merge files in the parents of the first directory were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parents {
    Unread,
    Read,
}

/// The name being checked.
struct Name<'p> {
    path: &'p [u8],
    kind: NameKind,
    deletion: Deletion,
}

impl Chain {
    /// The chain at the transfer root, whose absolute path is `root_abs`. No merge file is read yet: see
    /// [`Chain::above`] and [`Chain::enter`].
    #[must_use]
    pub fn root(list: &RuleList, side: Side, root_abs: &[u8]) -> Chain {
        let mut slots = Vec::new();
        let links = links_of(list.items.clone(), side, &mut slots);
        let mut root = root_abs;
        while let Some(shorter) = root.strip_suffix(b"/") {
            root = shorter;
        }
        let base = Base {
            links,
            side,
            root: root.into(),
            current: root_abs.into(),
            settings: Arc::clone(&list.settings),
        };
        Chain { base: Arc::new(base), slots: slots.into(), parents: Parents::Unread }
    }

    /// The same chain where `. name` inside a per-directory merge file means a file in `current_abs`. That is the
    /// transfer root, but for absolute sources under `--relative`, which leave rsync in the current directory.
    #[must_use]
    pub fn reading_from(&self, current_abs: &[u8]) -> Chain {
        let Base { links, side, root, settings, .. } = &*self.base;
        let (links, root, settings) = (links.clone(), root.clone(), Arc::clone(settings));
        let base = Base { links, side: *side, root, current: current_abs.into(), settings };
        Chain { base: Arc::new(base), slots: Arc::clone(&self.slots), parents: self.parents }
    }

    /// Whether no rule can ever match: callers skip the check altogether.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base.links.is_empty()
    }

    /// The names of per-directory merge files to look for in every directory.
    pub fn dir_merges(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.slots.iter().map(|slot| &*slot.merge.name)
    }

    /// Whether there is no per-directory merge file to look for.
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.slots.is_empty()
    }

    /// Reads the merge files in the parents of `first_abs`, the first directory that will be entered, for rules
    /// such as `: /.rsync-filter`, unless that was done. `read` is given absolute paths.
    ///
    /// # Errors
    /// A rule that rsync refuses.
    pub fn above(&self, first_abs: &[u8], read: &mut Reader<'_>) -> Result<Chain, FilterError> {
        if self.parents == Parents::Read || self.slots.iter().all(|slot| slot.merge.parents.is_empty()) {
            return Ok(self.clone());
        }
        let mut slots = self.slots.to_vec();
        let mut at = 0;
        while at < slots.len() {
            self.scan_parents(&mut slots, at, first_abs, read)?;
            at += 1;
        }
        Ok(Chain { base: Arc::clone(&self.base), slots: slots.into(), parents: Parents::Read })
    }

    /// The chain inside directory `dir_rel` (empty: the transfer root). `read` is given names relative to that
    /// directory, and absolute paths.
    ///
    /// # Errors
    /// A rule in a merge file that rsync refuses, which ends the run.
    pub fn enter(&self, dir_rel: &[u8], read: &mut Reader<'_>) -> Result<Chain, FilterError> {
        if self.slots.is_empty() {
            return Ok(self.clone());
        }
        let skip = if dir_rel.is_empty() { 0 } else { dir_rel.len() + 1 };
        let directory_abs = join(&[&*self.base.root, b"/"].concat(), dir_rel);
        let mut slots = self.slots.to_vec();
        for slot in &mut slots {
            if slot.merge.inherit == Inherit::OwnDirectory {
                slot.rules = None;
            }
        }
        let mut at = 0;
        while at < slots.len() {
            let name = Box::clone(&slots[at].merge.name);
            if let Ok(content) = read(&name) {
                let label = FileLabel::Named(join(&directory_abs, &name));
                let mut loader = Loader::new(&self.base.settings, read).per_directory(&self.base.current);
                loader.add_content(&content, &slots[at].merge.defaults, &label)?;
                let known = slots.len();
                self.stack(&mut slots, at, loader.items, loader.cleared, Place::Inside(skip));
                for new in known..slots.len() {
                    self.scan_parents(&mut slots, new, &directory_abs, read)?;
                }
            }
            at += 1;
        }
        Ok(Chain { base: Arc::clone(&self.base), slots: slots.into(), parents: self.parents })
    }

    /// Puts a merge file's rules in front of what the slot inherits.
    fn stack(&self, slots: &mut Vec<Slot>, at: usize, items: Vec<Item>, cleared: Cleared, place: Place) {
        let inherited = match (cleared, slots[at].merge.inherit) {
            (Cleared::Yes, _) | (_, Inherit::OwnDirectory) => None,
            (Cleared::No, Inherit::Subtree) => slots[at].rules.clone(),
        };
        let links = links_of(items, self.base.side, slots);
        slots[at].rules = Some(Arc::new(Layer { links, place, inherited }));
    }

    /// The parent scan of one slot, from where its rule points down to the parent of `first_abs`.
    fn scan_parents(
        &self,
        slots: &mut Vec<Slot>,
        at: usize,
        first_abs: &[u8],
        read: &mut Reader<'_>,
    ) -> Result<(), FilterError> {
        if slots[at].merge.parents.is_empty() {
            return Ok(());
        }
        let top = resolve(first_abs, &slots[at].merge.parents);
        for directory in parents_between(&top, first_abs) {
            let path = join(directory, &slots[at].merge.name);
            let Ok(content) = read(&path) else { continue };
            let mut loader = Loader::new(&self.base.settings, read).per_directory(directory);
            loader.add_content(&content, &slots[at].merge.defaults, &FileLabel::Named(path))?;
            let place = self.place_of(directory);
            self.stack(slots, at, loader.items, loader.cleared, place);
        }
        Ok(())
    }

    /// The place of an absolute directory relative to the transfer root.
    fn place_of(&self, directory: &[u8]) -> Place {
        let directory = directory.strip_suffix(b"/").unwrap_or(directory);
        match directory.strip_prefix(&*self.base.root) {
            Some(b"") => Place::Inside(0),
            Some([b'/', below @ ..]) => Place::Inside(below.len() + 1),
            _ => {
                let below = self.base.root.strip_prefix(directory).unwrap_or(b"");
                Place::Above(below.strip_prefix(b"/").unwrap_or(below).into())
            }
        }
    }

    /// What the first matching rule says about `path`, relative to the transfer root; `None` means include.
    #[must_use]
    pub fn check(&self, path: &[u8], kind: NameKind, deletion: Deletion) -> Option<Match<'_>> {
        let subject = Name { path, kind, deletion };
        for link in &self.base.links {
            match link {
                Link::Rule(rule) => {
                    if self.holds(rule, &Place::Inside(0), &subject) {
                        return Some(Match { rule, per_directory: None });
                    }
                }
                Link::Slot(slot) => {
                    if let Some(found) = self.check_slot(*slot, &subject) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    fn check_slot(&self, slot: usize, subject: &Name<'_>) -> Option<Match<'_>> {
        let slot = &self.slots[slot];
        let mut layer = slot.rules.as_deref();
        while let Some(Layer { links, place, inherited }) = layer {
            for link in links {
                match link {
                    Link::Rule(rule) if self.holds(rule, place, subject) => {
                        return Some(Match { rule, per_directory: Some(&slot.merge) });
                    }
                    Link::Rule(_) => {}
                    Link::Slot(nested) => {
                        if let Some(found) = self.check_slot(*nested, subject) {
                            return Some(found);
                        }
                    }
                }
            }
            layer = inherited.as_deref();
        }
        None
    }

    /// Whether the rule takes effect on the name.
    fn holds(&self, rule: &Rule, place: &Place, subject: &Name<'_>) -> bool {
        if rule.lifetime == Lifetime::Perishable && subject.deletion == Deletion::Doomed {
            return false;
        }
        self.matches(rule, place, subject) == (rule.polarity == Polarity::Matching)
    }

    fn matches(&self, rule: &Rule, place: &Place, subject: &Name<'_>) -> bool {
        let pattern = &rule.pattern;
        let Name { path, kind, .. } = *subject;
        if !pattern.needs_path() {
            return pattern.matches(path, kind);
        }
        let place = match rule.anchor {
            Anchor::OwnDirectory => place,
            Anchor::TransferRoot => &Place::Inside(0),
        };
        match (pattern.scope(), place) {
            (Scope::Absolute, _) => {
                let root = self.base.root.strip_prefix(b"/").unwrap_or(&self.base.root);
                with_prefix(root, path, |whole| pattern.matches(whole, kind))
            }
            (Scope::Transfer, _) if !pattern.is_anchored() => pattern.matches(path, kind),
            (Scope::Transfer, Place::Inside(skip)) => {
                path.get(*skip..).is_some_and(|below| pattern.matches(below, kind))
            }
            (Scope::Transfer, Place::Above(prefix)) => {
                with_prefix(prefix, path, |whole| pattern.matches(whole, kind))
            }
        }
    }
}

/// Calls `test` with `prefix/path`, on the stack when it fits.
fn with_prefix(prefix: &[u8], path: &[u8], test: impl FnOnce(&[u8]) -> bool) -> bool {
    const STACK_BYTES: usize = 1024;
    if prefix.is_empty() {
        return test(path);
    }
    let length = prefix.len() + 1 + path.len();
    let mut buffer = [0; STACK_BYTES];
    let Some(whole) = buffer.get_mut(..length) else { return test(&join(prefix, path)) };
    whole[..prefix.len()].copy_from_slice(prefix);
    whole[prefix.len()] = b'/';
    whole[prefix.len() + 1..].copy_from_slice(path);
    test(whole)
}

/// Items for one side; dir-merge rules get a slot, one per file name.
fn links_of(items: Vec<Item>, side: Side, slots: &mut Vec<Slot>) -> Vec<Link> {
    let mut links = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Rule(rule) if rule.subject == Subject::Names && rule.sides.contains(side) => {
                links.push(Link::Rule(rule));
            }
            Item::Rule(_) => {}
            Item::DirMerge(merge) => {
                // A name that is looked for already is not added again, so slots cannot nest in a circle.
                if slots.iter().all(|slot| slot.merge.name != merge.name) {
                    links.push(Link::Slot(slots.len()));
                    slots.push(Slot { merge, rules: None });
                }
            }
        }
    }
    links
}

/// `parents` (`/`, `../../`, `sub/`) from the directory `from`.
fn resolve(from: &[u8], parents: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    let base: &[u8] = if parents.starts_with(b"/") { b"" } else { from };
    for part in base.split(|&byte| byte == b'/').chain(parents.split(|&byte| byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    [b"/".as_slice(), &parts.join(&b'/')].concat()
}

/// The directories from `top` down to the parent of `below`, outermost first; none when `top` is no parent.
fn parents_between<'p>(top: &[u8], below: &'p [u8]) -> Vec<&'p [u8]> {
    let inside = match below.strip_prefix(top) {
        Some(rest) => top == b"/" || rest.starts_with(b"/"),
        None => false,
    };
    if !inside || below.len() <= top.len() {
        return Vec::new();
    }
    let below = below.strip_suffix(b"/").unwrap_or(below);
    (0..below.len())
        .filter(|&at| below[at] == b'/' && (top == b"/" || at >= top.len()))
        .map(|at| if at == 0 { &below[..1] } else { &below[..at] })
        .collect()
}
