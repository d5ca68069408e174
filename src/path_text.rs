//! Paths as text: made absolute, cut into directory and name, turned into C strings.

use std::ffi::{CStr, CString};

/// `path` as messages show it: absolute, `.` components and doubled slashes gone, `..` resolved by text.
#[must_use]
pub fn absolute(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    let base: &[u8] = if path.starts_with(b"/") { b"" } else { cwd };
    for part in base.split(|&byte| byte == b'/').chain(path.split(|&byte| byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() {
        return b"/".to_vec();
    }
    parts.iter().fold(Vec::new(), |mut path, part| {
        path.push(b'/');
        path.extend_from_slice(part);
        path
    })
}

/// Splits a destination operand into the directory above it and its last name.
#[must_use]
pub fn parent_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    let mut end = path.len();
    while end > 1 && path[end - 1] == b'/' {
        end -= 1;
    }
    let path = &path[..end];
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(0) => (b"/", &path[1..]),
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b".", path),
    }
}

/// A name as the kernel takes it; names come from the kernel or are checked before, so none holds a NUL.
#[must_use]
pub fn c_name(name: &[u8]) -> CString {
    CString::new(name).unwrap_or_else(|_| CStr::to_owned(c"\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_tidy() {
        assert_eq!(absolute(b"/tmp", b"s/"), b"/tmp/s");
        assert_eq!(absolute(b"/tmp", b"../x/./y"), b"/x/y");
        assert_eq!(absolute(b"/tmp", b"/"), b"/");
    }
}
