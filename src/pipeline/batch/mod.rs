//! A run recorded in a batch, and a batch in the place of a source (rsync(1), BATCH MODE). The file is `crate::batch`.

pub mod record;
pub mod replay;
