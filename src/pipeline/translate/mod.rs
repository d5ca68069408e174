//! What the source has, as the destination is to have it: names, texts of links, owners and modes, devices.

pub mod charset;
pub mod mapping;
pub mod munge;
pub mod devices;
