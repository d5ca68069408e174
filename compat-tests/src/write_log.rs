//! What the kernel's dm-log-writes noted of a disk, to make the disk again as it was at any moment (the kernel's
//! documentation, admin-guide/device-mapper/log-writes). Writes are noted once they are done, and those that nobody
//! waited for only with the next flush: the disk at any entry is one that a power cut may leave.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: u64 = 0x006a_7366_7773_6872;
/// Sectors that entries count in, whatever those of the disk are.
const SECTOR_BYTES: u64 = 512;
const FLUSH: u64 = 1 << 0;
const FUA: u64 = 1 << 1;
const DISCARD: u64 = 1 << 2;
const MARK: u64 = 1 << 3;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// What happened.
    pub what: What,
    sector: u64,
    sectors: u64,
    data_at: u64,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Data, or nothing, was written without a flush.
    Written,
    /// A flush, or data that the disk had when it said so.
    Forced,
    /// The sectors need not be kept.
    Discarded,
    /// Somebody made a note: `dmsetup message DEVICE 0 mark WORD`.
    Mark(String),
}

/// A log of writes.
#[derive(Debug)]
pub struct WriteLog {
    file: File,
    /// Its entries, in order.
    pub entries: Vec<Noted>,
}

impl WriteLog {
    /// Reads the list of entries.
    ///
    /// # Errors
    /// Those of reading, and `InvalidData` when it is no such log.
    pub fn open(path: &Path) -> io::Result<WriteLog> {
        let file = File::open(path)?;
        let mut head = [0; 28];
        file.read_exact_at(&mut head, 0)?;
        let [magic, _version, count] = words(&head);
        if magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no log of writes"));
        }
        let block = u64::from(u32::from_le_bytes([head[24], head[25], head[26], head[27]]));
        let (mut at, mut entries) = (block, Vec::new());
        let mut raw = vec![0; usize::try_from(block).expect("a block")];
        for _ in 0..count {
            file.read_exact_at(&mut raw, at)?;
            let [sector, sectors, flags, length] = words(&raw);
            at += block;
            entries.push(Noted { what: what(flags, &raw[32..], length), sector, sectors, data_at: at });
            if flags & (DISCARD | MARK) == 0 {
                at += sectors * SECTOR_BYTES;
            }
        }
        Ok(WriteLog { file, entries })
    }

    /// Does to a disk what an entry did.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn replay(&self, entry: &Noted, disk: &File) -> io::Result<()> {
        let mut data = vec![0; usize::try_from(entry.sectors * SECTOR_BYTES).expect("fits into memory")];
        match entry.what {
            What::Mark(_) => return Ok(()),
            What::Discarded => {}
            What::Written | What::Forced => self.file.read_exact_at(&mut data, entry.data_at)?,
        }
        disk.write_all_at(&data, entry.sector * SECTOR_BYTES)
    }

    /// Where a mark is.
    pub fn mark(&self, word: &str) -> Option<usize> {
        self.entries.iter().position(|entry| matches!(&entry.what, What::Mark(found) if found == word))
    }
}

fn what(flags: u64, text: &[u8], length: u64) -> What {
    let length = usize::try_from(length).map_or(0, |length| length.min(text.len()));
    let word = text[..length].split(|&byte| byte == 0).next().unwrap_or_default();
    match flags {
        flags if flags & MARK != 0 => What::Mark(String::from_utf8_lossy(word).into_owned()),
        flags if flags & DISCARD != 0 => What::Discarded,
        flags if flags & (FLUSH | FUA) != 0 => What::Forced,
        _ => What::Written,
    }
}

fn words<const COUNT: usize>(bytes: &[u8]) -> [u64; COUNT] {
    std::array::from_fn(|at| u64::from_le_bytes(bytes[8 * at..8 * at + 8].try_into().expect("eight bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log with these entries: flags, sector, sectors, data or text.
    fn log(entries: &[(u64, u64, u64, &[u8])]) -> tempfile::NamedTempFile {
        let mut bytes = [MAGIC, 1, entries.len() as u64, 512].map(u64::to_le_bytes).concat();
        bytes.resize(512, 0);
        for (flags, sector, sectors, data) in entries {
            let is_mark = flags & MARK != 0;
            let length = if is_mark { data.len() as u64 } else { 0 };
            let mut head = [*sector, *sectors, *flags, length].map(u64::to_le_bytes).concat();
            if is_mark {
                head.extend(*data);
            }
            head.resize(512, 0);
            bytes.extend(head);
            if flags & (MARK | DISCARD) == 0 {
                bytes.extend(*data);
            }
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, bytes).unwrap();
        file
    }

    #[test]
    fn a_disk_is_made_again() {
        let file = log(&[
            (0, 1, 1, &[7; 512]),
            (MARK, 0, 0, b"half\0"),
            (FLUSH, 0, 0, b""),
            (FUA, 0, 2, &[8; 1024]),
            (DISCARD, 0, 1, b""),
        ]);
        let log = WriteLog::open(file.path()).unwrap();
        assert_eq!(log.mark("half"), Some(1));
        assert_eq!(log.mark("hal"), None);
        let forced = log.entries.iter().filter(|entry| entry.what == What::Forced).count();
        assert_eq!(forced, 2);
        let disk = tempfile::tempfile().unwrap();
        let upto = |count: usize| {
            log.entries[..count].iter().for_each(|entry| log.replay(entry, &disk).unwrap());
            let mut all = [1; 1024];
            disk.set_len(1024).unwrap();
            disk.read_exact_at(&mut all, 0).unwrap();
            (all[0], all[1023])
        };
        assert_eq!([upto(2), upto(4), upto(5)], [(0, 7), (8, 8), (0, 8)]);
    }

    #[test]
    fn anything_else_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, [0; 512]).unwrap();
        assert_eq!(WriteLog::open(file.path()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
