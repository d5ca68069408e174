//! Which names that operands spell out are hidden where rsync makes its list as a whole: rules are asked about each as the
//! way to the name before left them, and the merge files on its own way are read after that.

use std::collections::BTreeSet;

use rsync_compat::filter::{Action, Chain, Deletion, FilterError, NameKind, RuleList, Side as RuleSide};
use rsync_compat::options::Recursion;
use uring_ext::plain::CWD;

use super::Inputs;
use super::merge_files::refused;
use crate::entry::join;
use crate::failure::Fatal;
use crate::operands::gather::Way;
use crate::operands::resolve::Resolver;
use crate::operands::roots::{Named, Sources};
use crate::whole_files::read_merge_file;

/// The names that are hidden; `None` where rules are asked as directories are read, or no merge files lie on a way.
///
/// # Errors
/// A rule that is refused.
pub(super) fn hidden(
    inputs: Inputs<'_>,
    rules: &RuleList,
    sources: &Sources,
) -> Result<Option<BTreeSet<Vec<u8>>>, Fatal> {
    let select = &inputs.options.select;
    let has_way = |named: &Named| named.below.contains(&b'/');
    let plain =
        Chain::root(rules, RuleSide::Sender, sources.roots.first().map_or(&[][..], |root| &root.display));
    if select.is_piecemeal() || plain.is_static() || !sources.named.iter().any(has_way) {
        return Ok(None);
    }
    let resolver = Resolver::new(inputs.options);
    let (in_force, above, way) = (Vec::new(), None, Way::default());
    let mut trail =
        Trail { inputs, resolver, rules, sources, plain, in_force, above, way, parents: Parents::Unread };
    let (mut hidden, mut shown) = (BTreeSet::new(), Vec::new());
    for named in &sources.named {
        if trail.hides(named) {
            hidden.insert(named.below.clone());
        } else {
            trail.follow(named).map_err(|error| refused(&error))?;
            shown.push(&named.below);
        }
    }
    // What is named twice is hidden only if it is each time.
    shown.into_iter().for_each(|path| {
        hidden.remove(path);
    });
    Ok(Some(hidden))
}

/// Whether merge files above the first directory were read: that is done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parents {
    Unread,
    Read,
}

struct Trail<'a> {
    inputs: Inputs<'a>,
    resolver: Resolver,
    rules: &'a RuleList,
    sources: &'a Sources,
    /// The rules in no directory.
    plain: Chain,
    /// Those in each directory on the way.
    in_force: Vec<Chain>,
    /// Those of the merge files above the first directory, where they were read.
    above: Option<Chain>,
    way: Way,
    parents: Parents,
}

impl Trail<'_> {
    fn hides(&self, named: &Named) -> bool {
        let mut dirs: Vec<&[u8]> = named.below.split(|&byte| byte == b'/').collect();
        dirs.pop();
        // To rsync, rules of directories that do not hold the name are still in force too.
        let chain = match self.way.shared(named.source, &dirs) {
            _ if self.in_force.is_empty() => None,
            None => None,
            Some(shared) => {
                shared.checked_sub(1).and_then(|at| self.in_force.get(at)).or(self.above.as_ref())
            }
        };
        let chain = chain.unwrap_or(&self.plain);
        let found = chain.check(&named.below, named.kind, Deletion::None);
        found.is_some_and(|found| found.action() == Action::Exclude)
    }

    /// Enters the directories on the way to a name that were not on the way to the one before.
    fn follow(&mut self, named: &Named) -> Result<(), FilterError> {
        let select = &self.inputs.options.select;
        let parts: Vec<&[u8]> = named.below.split(|&byte| byte == b'/').collect();
        let known = self.way.follow(named.source, named.kind, &parts, select);
        if known + 1 < parts.len() {
            self.in_force.truncate(known);
        }
        for depth in known + 1..parts.len() {
            let entered = self.entered(named.source, &parts[..depth].join(&b'/'))?;
            self.in_force.push(entered);
        }
        if named.kind == NameKind::Directory && select.recursion == Recursion::Full {
            self.parents = Parents::Read;
        }
        Ok(())
    }

    fn entered(&mut self, source: u16, rel: &[u8]) -> Result<Chain, FilterError> {
        let root = self.sources.roots.get(usize::from(source)).map_or(&[][..], |root| &root.display);
        let dir = join(root, rel);
        let mut read = |name: &[u8]| {
            let path = if name.starts_with(b"/") { name.to_vec() } else { join(&dir, name) };
            read_merge_file(&self.resolver, RuleSide::Sender, CWD, &path)
        };
        let above = match (self.in_force.last(), self.parents) {
            (Some(chain), _) => chain.clone(),
            (None, Parents::Unread) => {
                Chain::root(self.rules, RuleSide::Sender, root).above(&dir, &mut read)?
            }
            (None, Parents::Read) => Chain::root(self.rules, RuleSide::Sender, root),
        };
        if self.in_force.is_empty() {
            self.above = Some(above.clone());
        }
        self.parents = Parents::Read;
        above.enter(rel, &mut read)
    }
}
