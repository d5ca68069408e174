//! POSIX ACLs in the kernel's form (acl(5)), taken apart as far as they are compared and made. Pure.

/// The owner's entry, a user's, the group's, a group's, the mask, everybody else's: `ACL_*` of the kernel.
const OWNER: u16 = 0x01;
const USER: u16 = 0x02;
const OWNING_GROUP: u16 = 0x04;
const GROUP: u16 = 0x08;
const MASK: u16 = 0x10;
const OTHER: u16 = 0x20;

/// The version of the kernel's form, which comes first.
const VERSION: u32 = 2;
/// The id of entries that have none.
const NO_ID: u32 = u32::MAX;

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ace {
    tag: u16,
    permissions: u32,
    id: u32,
}

/// An access ACL without what the permission bits say already: the owner's entry and the others'.
#[derive(Debug, Clone)]
pub struct Access {
    /// Entries for users and groups by name.
    pub named: Vec<Ace>,
    /// What the owning group has.
    pub group: u32,
    /// The mask, which is the group's permission bits.
    pub mask: Option<u32>,
}

impl PartialEq for Access {
    fn eq(&self, other: &Access) -> bool {
        // The mask's value is a matter of the permission bits.
        let masked = self.mask.is_some() == other.mask.is_some();
        masked && self.named == other.named && self.group == other.group
    }
}

impl Eq for Access {}

/// The entries; `None` when the value has no such form.
fn entries(value: &[u8]) -> Option<impl Iterator<Item = Ace>> {
    let (entries, rest) = value.get(4..)?.as_chunks::<8>();
    let ace = |&[tag, tag2, bits, bits2, id @ ..]: &[u8; 8]| Ace {
        tag: u16::from_le_bytes([tag, tag2]),
        permissions: u32::from(u16::from_le_bytes([bits, bits2]) & 7),
        id: u32::from_le_bytes(id),
    };
    rest.is_empty().then(|| entries.iter().map(ace))
}

fn value(entries: impl IntoIterator<Item = Ace>) -> Vec<u8> {
    let mut value = VERSION.to_le_bytes().to_vec();
    for ace in entries {
        value.extend(ace.tag.to_le_bytes());
        value.extend(u16::try_from(ace.permissions).unwrap_or(0).to_le_bytes());
        value.extend(ace.id.to_le_bytes());
    }
    value
}

/// What becomes of the ids in ACLs.
#[derive(Clone, Copy)]
pub struct IdsOf<'a> {
    /// Of users.
    pub user: &'a dyn Fn(u32) -> u32,
    /// Of groups.
    pub group: &'a dyn Fn(u32) -> u32,
}

impl IdsOf<'_> {
    fn of(self, ace: Ace) -> Ace {
        let id = match ace.tag {
            USER => (self.user)(ace.id),
            GROUP => (self.group)(ace.id),
            _ => ace.id,
        };
        Ace { id, ..ace }
    }
}

/// A default ACL with other ids, in the order in which the entries were.
#[must_use]
pub fn default_with_ids(acl: Vec<u8>, ids: IdsOf<'_>) -> Vec<u8> {
    let changed = entries(&acl).map(|entries| value(entries.map(|ace| ids.of(ace))));
    changed.unwrap_or(acl)
}

/// A default ACL in the order that the kernel wants: by kind, then by id.
#[must_use]
pub fn default_to_kernel(acl: &[u8]) -> Vec<u8> {
    let Some(entries) = entries(acl) else { return acl.to_vec() };
    let mut entries: Vec<Ace> = entries.collect();
    entries.sort_by_key(|ace| (ace.tag, ace.id));
    value(entries)
}

impl Access {
    /// This ACL with mapped user and group ids; its entries keep their order.
    #[must_use]
    pub fn with_ids(mut self, ids: IdsOf<'_>) -> Access {
        self.named.iter_mut().for_each(|ace| *ace = ids.of(*ace));
        self
    }

    /// From the kernel's value; `None` when there is no more to it than the permission bits say.
    #[must_use]
    pub fn of_kernel(value: &[u8]) -> Option<Access> {
        let mut access = Access { named: Vec::new(), group: 0, mask: None };
        for ace in entries(value)? {
            match ace.tag {
                USER | GROUP => access.named.push(ace),
                OWNING_GROUP => access.group = ace.permissions,
                MASK => access.mask = Some(ace.permissions),
                _ => {}
            }
        }
        (access.mask.is_some() || !access.named.is_empty()).then_some(access)
    }

    /// The kernel's value for a file of these permission bits.
    #[must_use]
    pub fn to_kernel(&self, permissions: u32) -> Vec<u8> {
        let plain = |tag, permissions| Ace { tag, permissions: permissions & 7, id: NO_ID };
        let mut named = self.named.clone();
        named.sort_by_key(|ace| ace.id);
        let of_tag = |tag| named.iter().copied().filter(move |ace| ace.tag == tag);
        let mask = self.mask.map(|_| plain(MASK, permissions >> 3));
        value(
            [plain(OWNER, permissions >> 6)]
                .into_iter()
                .chain(of_tag(USER))
                .chain([plain(OWNING_GROUP, self.group)])
                .chain(of_tag(GROUP))
                .chain(mask)
                .chain([plain(OTHER, permissions)]),
        )
    }

    /// This ACL for a file that gets the permission bits `wanted` in place of `told`: where the owning group has just
    /// what the mask allows, it gets what the new mask allows.
    #[must_use]
    pub fn fitted(mut self, told: u32, wanted: u32) -> Access {
        if self.group == told >> 3 & 7 {
            self.group = wanted >> 3 & 7;
        }
        self
    }
}

/// In the form that `--fake-super` keeps, an entry that is missing, or follows from the permission bits.
const ABSENT: u32 = 0x80;
/// In that form, marks the entry of a user.
const IS_USER: u32 = 1 << 31;

/// Words of the form that `--fake-super` keeps: owner, group, mask, others, then pairs of id and permissions.
fn fake_words(value: &[u8]) -> Option<([u32; 4], Vec<Ace>)> {
    let (words, rest) = value.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let (head, named) = words.split_first_chunk::<4>()?;
    let (pairs, odd) = named.as_chunks::<2>();
    let ace = |&[id, bits]: &[u32; 2]| Ace {
        tag: if bits & IS_USER == 0 { GROUP } else { USER },
        permissions: bits & 7,
        id,
    };
    (rest.is_empty() && odd.is_empty()).then(|| (*head, pairs.iter().map(ace).collect()))
}

/// Whether a value has the form that `--fake-super` keeps.
#[must_use]
pub fn is_fake(value: &[u8]) -> bool {
    fake_words(value).is_some()
}

fn fake_value(head: [u32; 4], named: &[Ace]) -> Vec<u8> {
    let bits = |ace: &Ace| ace.permissions | if ace.tag == USER { IS_USER } else { 0 };
    let words = head.into_iter().chain(named.iter().flat_map(|ace| [ace.id, bits(ace)]));
    words.flat_map(u32::to_le_bytes).collect()
}

impl Access {
    /// From what `--fake-super` keeps of a file of these permission bits.
    #[must_use]
    pub fn of_fake(value: &[u8], permissions: u32) -> Option<Access> {
        let ([_, group, mask, _], named) = fake_words(value)?;
        let group = if group == ABSENT { permissions >> 3 & 7 } else { group & 7 };
        let mask = (mask != ABSENT).then_some(mask & 7);
        (mask.is_some() || !named.is_empty()).then_some(Access { named, group, mask })
    }

    /// What `--fake-super` keeps of it.
    #[must_use]
    pub fn to_fake(&self, permissions: u32) -> Vec<u8> {
        let group = if self.group == permissions >> 3 & 7 { ABSENT } else { self.group };
        fake_value([ABSENT, group, self.mask.unwrap_or(ABSENT), ABSENT], &self.named)
    }
}

/// What `--fake-super` keeps of a file that lost its access ACL.
#[must_use]
pub fn no_access_fake() -> Vec<u8> {
    fake_value([ABSENT; 4], &[])
}

/// A default ACL from what `--fake-super` keeps, in the kernel's form.
#[must_use]
pub fn default_of_fake(value: &[u8]) -> Option<Vec<u8>> {
    let ([owner, group, mask, other], named) = fake_words(value)?;
    let plain = |tag, bits: u32| (bits != ABSENT).then_some(Ace { tag, permissions: bits & 7, id: NO_ID });
    let of_tag = |tag| named.iter().copied().filter(move |ace| ace.tag == tag);
    let owner = plain(OWNER, owner).into_iter().chain(of_tag(USER));
    let group = plain(OWNING_GROUP, group).into_iter().chain(of_tag(GROUP));
    Some(self::value(owner.chain(group).chain(plain(MASK, mask)).chain(plain(OTHER, other))))
}

/// What `--fake-super` keeps of a default ACL in the kernel's form.
#[must_use]
pub fn default_to_fake(value: &[u8]) -> Vec<u8> {
    let mut head = [ABSENT; 4];
    let mut named = Vec::new();
    for ace in entries(value).into_iter().flatten() {
        match ace.tag {
            OWNER => head[0] = ace.permissions,
            OWNING_GROUP => head[1] = ace.permissions,
            MASK => head[2] = ace.permissions,
            OTHER => head[3] = ace.permissions,
            _ => named.push(ace),
        }
    }
    fake_value(head, &named)
}

/// The bits that a default ACL takes away from new files, in place of the umask (acl(5), OBJECT CREATION).
#[must_use]
pub fn umask_of_default(acl: &[u8]) -> Option<u32> {
    let (mut owner, mut group, mut mask, mut other) = (None, None, None, None);
    for ace in entries(acl)? {
        match ace.tag {
            OWNER => owner = Some(ace.permissions),
            OWNING_GROUP => group = Some(ace.permissions),
            MASK => mask = Some(ace.permissions),
            OTHER => other = Some(ace.permissions),
            _ => {}
        }
    }
    Some(!(owner? << 6 | mask.or(group)? << 3 | other?) & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ace(tag: u16, permissions: u32, id: u32) -> Ace {
        Ace { tag, permissions, id }
    }

    #[test]
    fn what_the_permission_bits_say_comes_from_them() {
        let named = [ace(USER, 4, 7), ace(GROUP, 2, 8)];
        let whole = value([
            ace(OWNER, 6, NO_ID),
            named[0],
            ace(OWNING_GROUP, 4, NO_ID),
            named[1],
            ace(MASK, 6, NO_ID),
            ace(OTHER, 0, NO_ID),
        ]);
        let access = Access::of_kernel(&whole).unwrap();
        assert_eq!(access, Access { named: named.to_vec(), group: 4, mask: Some(6) });
        assert_eq!(access.to_kernel(0o660), whole);
        assert_eq!(access.clone().fitted(0o660, 0o600).group, 4);
        assert_eq!(access.fitted(0o640, 0o600).group, 0);
        assert_eq!(
            Access::of_kernel(&value([
                ace(OWNER, 6, NO_ID),
                ace(OWNING_GROUP, 4, NO_ID),
                ace(OTHER, 0, NO_ID)
            ])),
            None
        );
    }

    #[test]
    fn a_default_acl_stands_in_for_the_umask() {
        let acl = value([
            ace(OWNER, 7, NO_ID),
            ace(USER, 7, 7),
            ace(OWNING_GROUP, 5, NO_ID),
            ace(MASK, 4, NO_ID),
            ace(OTHER, 0, NO_ID),
        ]);
        assert_eq!(umask_of_default(&acl), Some(0o037));
        assert_eq!(umask_of_default(b"x"), None);
    }
}
