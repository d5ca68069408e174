//! POSIX ACLs as the kernel stores them: what the mode says of one, and the rest (acl(5)).

/// A version, then entries of a tag, permissions and an id.
const VERSION_BYTES: usize = 4;
const ENTRY_BYTES: usize = 8;

const OWNER: u16 = 0x01;
const GROUP: u16 = 0x04;
const MASK: u16 = 0x10;
const OTHER: u16 = 0x20;

fn tag(entry: &[u8]) -> u16 {
    u16::from_le_bytes([entry[0], entry[1]])
}

/// The bits that a default ACL takes away from new files, in place of the umask (acl(5), OBJECT CREATION).
#[must_use]
pub fn umask_of_default(acl: &[u8]) -> Option<u32> {
    let mut bits = [None; 4];
    for entry in acl.get(VERSION_BYTES..)?.chunks_exact(ENTRY_BYTES) {
        let slot = [OWNER, GROUP, MASK, OTHER].iter().position(|&known| known == tag(entry));
        if let Some(slot) = slot {
            bits[slot] = Some(u32::from(u16::from_le_bytes([entry[2], entry[3]]) & 7));
        }
    }
    let [owner, group, mask, other] = bits;
    Some(!(owner? << 6 | mask.or(group)? << 3 | other?) & 0o777)
}

/// An access ACL without what the mode says: two files whose modes differ may have the same.
#[must_use]
pub fn without_mode(acl: Vec<u8>) -> Vec<u8> {
    with_mode(acl, 0)
}

/// An access ACL with these permissions of the owner, of the mask (or of the group, where there is none), of others.
#[must_use]
pub fn with_mode(mut acl: Vec<u8>, mode: u32) -> Vec<u8> {
    let Some(entries) = acl.get_mut(VERSION_BYTES..) else { return acl };
    let group = if entries.chunks_exact(ENTRY_BYTES).any(|entry| tag(entry) == MASK) { MASK } else { GROUP };
    for entry in entries.chunks_exact_mut(ENTRY_BYTES) {
        let shift = match tag(entry) {
            OWNER => 6,
            OTHER => 0,
            other if other == group => 3,
            _ => continue,
        };
        entry[2] = u8::try_from(mode >> shift & 7).unwrap_or(0);
        entry[3] = 0;
    }
    acl
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(entries: &[(u16, u8)]) -> Vec<u8> {
        let entry = |&(tag, bits): &(u16, u8)| {
            let [low, high] = tag.to_le_bytes();
            [low, high, bits, 0, 0, 0, 0, 0]
        };
        [2, 0, 0, 0].into_iter().chain(entries.iter().flat_map(entry)).collect()
    }

    #[test]
    fn the_mode_says_owner_mask_and_other() {
        let rest = without_mode(acl(&[(OWNER, 6), (2, 5), (GROUP, 5), (MASK, 7), (OTHER, 4)]));
        assert_eq!(rest, acl(&[(OWNER, 0), (2, 5), (GROUP, 5), (MASK, 0), (OTHER, 0)]));
        assert_eq!(with_mode(rest, 0o751), acl(&[(OWNER, 7), (2, 5), (GROUP, 5), (MASK, 5), (OTHER, 1)]));
    }

    #[test]
    fn without_a_mask_the_mode_says_the_group() {
        assert_eq!(
            with_mode(acl(&[(OWNER, 6), (GROUP, 0), (OTHER, 4)]), 0o751),
            acl(&[(OWNER, 7), (GROUP, 5), (OTHER, 1)])
        );
    }
}
