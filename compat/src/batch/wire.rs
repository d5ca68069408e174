//! Numbers and byte strings in a record: little-endian, strings with their length in front.

use std::fmt;

/// A record that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed record")
    }
}

impl std::error::Error for Malformed {}

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.0.extend_from_slice(value);
    }

    pub(super) fn list<T>(&mut self, values: &[T], mut one: impl FnMut(&mut Out, &T)) {
        self.length(values.len());
        values.iter().for_each(|value| one(self, value));
    }

    pub(super) fn option<T>(&mut self, value: Option<&T>, one: impl FnOnce(&mut Out, &T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            one(self, value);
        }
    }

    /// Nothing in a record comes near four thousand million.
    fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }
}

/// Bytes being read.
#[derive(Debug)]
pub(super) struct In<'a>(pub(super) &'a [u8]);

/// What reading gives.
pub(super) type Read<T> = Result<T, Malformed>;

impl<'a> In<'a> {
    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn i64(&mut self) -> Read<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(super) fn flag(&mut self) -> Read<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    pub(super) fn bytes(&mut self) -> Read<Vec<u8>> {
        let length = self.length()?;
        self.take(length).map(<[u8]>::to_vec)
    }

    /// A list that claims more entries than there are bytes is refused before room is made for it.
    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut In<'a>) -> Read<T>) -> Read<Vec<T>> {
        let length = self.length()?;
        if length > self.0.len() {
            return Err(Malformed);
        }
        (0..length).map(|_| one(self)).collect()
    }

    pub(super) fn option<T>(&mut self, one: impl FnOnce(&mut In<'a>) -> Read<T>) -> Read<Option<T>> {
        if self.flag()? { one(self).map(Some) } else { Ok(None) }
    }

    /// The record must end here.
    pub(super) fn end(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn length(&mut self) -> Read<usize> {
        usize::try_from(self.u32()?).map_err(|_| Malformed)
    }
}
