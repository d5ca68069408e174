//! Which symbolic links lead out of the transfer: decided by their text alone (rsync(1), SYMBOLIC LINKS).

/// Whether a symbolic link is unsafe, where `target` is its text and `rel` its own path from the transfer root. It is
/// when the text
///
/// - is empty or absolute,
/// - begins with more `../` than the link has directories above it, so that it leads out of the transfer,
/// - has a `..` anywhere but at its beginning, since the name in front of that may be a link itself,
/// - or ends in `/..`.
///
/// ```
/// use rsync_compat::unsafe_link::is_unsafe;
/// assert!(!is_unsafe(b"../x", b"d/link"));
/// assert!(is_unsafe(b"../../x", b"d/link"));
/// ```
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
        let cases: [(&str, &str, bool); 10] = [
            ("/etc/hostname", "a", true),
            ("", "a", true),
            ("b/c", "a", false),
            ("../x", "a", true),
            ("../x", "d/a", false),
            ("dir/../f", "d/a", true),
            ("./../x", "d/a", true),
            ("..", "d/a", false),
            ("../..", "d/e/a", true),
            ("..//../", "d/e/a", false),
        ];
        for (target, rel, wanted) in cases {
            assert_eq!(is_unsafe(target.as_bytes(), rel.as_bytes()), wanted, "{rel} -> {target}");
        }
    }
}
