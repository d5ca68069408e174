//! rsync surface.
