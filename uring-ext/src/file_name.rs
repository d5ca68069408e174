//! Names of one listing in one piece of memory: a name is a place in it, and no allocation of its own.

use std::ffi::CStr;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A name without slashes that owns its bytes, together with others of the same listing.
///
/// ```
/// use uring_ext::FileName;
/// let name = FileName::from(c"name");
/// assert_eq!(name.to_bytes(), b"name");
/// assert_eq!(name.clone(), name);
/// ```
#[derive(Clone)]
pub struct FileName {
    /// Names one after the other, each ended by NUL.
    block: Arc<[u8]>,
    at: u32,
    /// The NUL is not counted.
    bytes: u32,
}

impl FileName {
    /// The same name in memory of its own, which does not keep the others of its listing: for what is kept long.
    #[must_use]
    pub fn detached(&self) -> FileName {
        FileName::from(&**self)
    }
}

impl From<&CStr> for FileName {
    /// # Panics
    /// For a name of 4 GiB, which no kernel takes.
    fn from(name: &CStr) -> FileName {
        let bytes = u32::try_from(name.to_bytes().len()).expect("the kernel takes no such name");
        FileName { block: Arc::from(name.to_bytes_with_nul()), at: 0, bytes }
    }
}

impl Deref for FileName {
    type Target = CStr;

    #[inline]
    fn deref(&self) -> &CStr {
        let at = self.at as usize;
        let bytes = &self.block[at..=at + self.bytes as usize];
        // SAFETY: a name and its NUL were copied to this place from a `CStr`, and nobody changes the block.
        unsafe { CStr::from_bytes_with_nul_unchecked(bytes) }
    }
}

// SAFETY: the bytes are on the heap, shared, and never changed.
unsafe impl crate::op::Name for FileName {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

impl PartialEq for FileName {
    fn eq(&self, other: &FileName) -> bool {
        **self == **other
    }
}

impl Eq for FileName {}

impl Hash for FileName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl std::borrow::Borrow<CStr> for FileName {
    fn borrow(&self) -> &CStr {
        self
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Copies all of these names, which take no more than `bytes_max`, into one block, and hands each of them over with
/// what belongs to it; says first how many there are.
pub(crate) fn pack<'a, T>(
    names: impl Iterator<Item = (&'a CStr, T)> + Clone,
    bytes_max: usize,
) -> (usize, impl Iterator<Item = (FileName, T)>) {
    let mut bytes = Vec::with_capacity(bytes_max);
    let copied = names.clone().map(|(name, _)| bytes.extend_from_slice(name.to_bytes_with_nul()));
    let count = copied.count();
    let block: Arc<[u8]> = bytes.into();
    let mut next = 0;
    let named = names.map(move |(name, of)| {
        let length = u32::try_from(name.count_bytes()).expect("one listing is far from 4 GiB");
        let at = next;
        next += length + 1;
        (FileName { block: Arc::clone(&block), at, bytes: length }, of)
    });
    (count, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_names_are_the_names() {
        let names = [(c"one", 1), (c"", 2), (c"three", 3)];
        let (count, packed) = pack(names.iter().copied(), 12);
        let packed: Vec<(FileName, i32)> = packed.collect();
        assert_eq!((count, packed.len()), (3, 3));
        for ((name, number), (packed, of)) in names.iter().zip(&packed) {
            assert_eq!((*name, number), (&**packed, of));
            assert_eq!(packed.detached(), *packed);
        }
    }
}
