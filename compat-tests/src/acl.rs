//! POSIX ACLs: short text and the raw value of `system.posix_acl_access` / `_default`, both ways.

const TAGS: [(&str, u16); 6] =
    [("u", 0x01), ("u:", 0x02), ("g", 0x04), ("g:", 0x08), ("m", 0x10), ("o", 0x20)];
const NO_ID: u32 = u32::MAX;

/// Text such as `u::rw-,u:1000:r--,g::r--,m::rw-,o::---` as the kernel's value.
///
/// # Panics
/// When the text is not of that form: a mistake in a test.
pub fn raw(text: &str) -> Vec<u8> {
    let mut entries: Vec<(u16, u32, u16)> = text.split(',').map(raw_entry).collect();
    entries.sort_unstable();
    let mut value = 2_u32.to_le_bytes().to_vec();
    for (tag, id, permissions) in entries {
        value.extend(tag.to_le_bytes());
        value.extend(permissions.to_le_bytes());
        value.extend(id.to_le_bytes());
    }
    value
}

fn raw_entry(text: &str) -> (u16, u32, u16) {
    let parts: Vec<&str> = text.split(':').collect();
    let [letter, id, permissions] = parts[..] else { panic!("ACL entry {text:?} lacks a field") };
    let name = if id.is_empty() { letter.to_owned() } else { format!("{letter}:") };
    let tag = TAGS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("ACL entry {text:?}")).1;
    let id = if id.is_empty() { NO_ID } else { id.parse().expect("a number in an ACL entry") };
    let bits = permissions.bytes().map(|letter| match letter {
        b'r' => 4,
        b'w' => 2,
        b'x' => 1,
        _ => 0,
    });
    (tag, id, bits.sum())
}

/// The kernel's value as text; bytes that make no sense are shown as they are.
pub fn text(value: &[u8]) -> String {
    let (entries, rest) = value.get(4..).unwrap_or_default().as_chunks::<8>();
    if value.len() < 4 || !rest.is_empty() {
        return format!("malformed ACL {value:?}");
    }
    entries.iter().map(entry_text).collect::<Vec<_>>().join(",")
}

fn entry_text(entry: &[u8; 8]) -> String {
    let tag = u16::from_le_bytes([entry[0], entry[1]]);
    let permissions = u16::from_le_bytes([entry[2], entry[3]]);
    let id = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
    let letter = TAGS.iter().find(|(_, known)| *known == tag).map_or("?", |(name, _)| &name[..1]);
    let id = if tag == 0x02 || tag == 0x08 { id.to_string() } else { String::new() };
    let bit = |mask, shown| if permissions & mask != 0 { shown } else { '-' };
    format!("{letter}:{id}:{}{}{}", bit(4, 'r'), bit(2, 'w'), bit(1, 'x'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_survives_the_way_through_the_kernels_form() {
        let text = "u::rwx,u:1000:r--,g::r-x,g:5:-w-,m::rwx,o::---";
        assert_eq!(super::text(&super::raw(text)), text);
    }
}
