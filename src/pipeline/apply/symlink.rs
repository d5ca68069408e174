//! Symbolic links are made.

use std::ffi::CString;

use uring_ext::plain;

use super::fake;
use super::node::{self, Recipe};
use crate::entry::{Entry, Meta};
use crate::failure::What;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::plan::Power;

/// Makes the link; false when that failed, which was told.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, target: &[u8], there: Option<&Meta>) -> bool {
    let recipe = Recipe {
        make: &|dst, name| match worker.run.plan.identity.receiver {
            Power::Fake => fake::make(dst, name, entry.meta.mode, target),
            Power::Ordinary | Power::Full => plain::symlinkat(&CString::new(target)?, dst, name),
        },
        what: What::Symlink,
        leads_to: Some(target),
    };
    node::make(worker, dir, entry, there, &recipe)
}
