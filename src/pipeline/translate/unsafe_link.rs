//! Which symbolic links lead out of the transfer: decided by their text alone (rsync(1), SYMBOLIC LINKS). Pure.

/// Whether a link of that text, at `rel` in the transfer, leads out of it: absolute, empty, above the top, or with `..`
/// after its beginning, which is as many `../` as there are; one at the end without a slash is behind that.
#[must_use]
pub fn is_unsafe(target: &[u8], rel: &[u8]) -> bool {
    if target.is_empty() || target.starts_with(b"/") || target.ends_with(b"/..") {
        return true;
    }
    let depth = rel.iter().filter(|&&byte| byte == b'/').count();
    let parts: Vec<&[u8]> = target.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).collect();
    let up = parts.iter().take_while(|part| **part == b"..").count();
    up > depth || parts[up..].iter().any(|part| *part == b"..")
}

#[cfg(test)]
mod tests {
    use super::is_unsafe;

    #[test]
    fn unsafe_is_decided_by_text() {
        assert!(is_unsafe(b"/etc/hostname", b"a"));
        assert!(is_unsafe(b"", b"a"));
        assert!(is_unsafe(b"../x", b"a"));
        assert!(!is_unsafe(b"../x", b"d/a"));
        assert!(is_unsafe(b"dir/../f", b"d/a"));
        assert!(!is_unsafe(b"b/c", b"a"));
        assert!(!is_unsafe(b"..", b"d/a"));
        assert!(!is_unsafe(b"..//../", b"d/e/a"));
        assert!(is_unsafe(b"../..", b"d/e/a"));
        assert!(is_unsafe(b"./../x", b"d/a"));
    }
}
