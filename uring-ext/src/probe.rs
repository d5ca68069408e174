//! What this kernel offers, asked once per process; and what a caller would rather have emulated.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use io_uring::{Builder, IoUring, Probe, opcode};

/// Which operations a ring shall emulate although the kernel has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emulate {
    /// None: the ring does all that it can.
    Nothing,
    /// All: there is no ring.
    All,
    /// Those with these [names](crate::Op::NAME).
    Named(Vec<String>),
}

impl Emulate {
    /// What the environment variable `URING_EXT_EMULATE` asks for.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where this crate reads the environment")]
    pub fn from_env() -> Self {
        Emulate::parse(&std::env::var("URING_EXT_EMULATE").unwrap_or_default())
    }

    /// `all`, or names with commas between; empty for nothing.
    ///
    /// ```
    /// use uring_ext::Emulate;
    /// assert_eq!(Emulate::parse("all"), Emulate::All);
    /// assert_eq!(Emulate::parse("read,statx"), Emulate::Named(vec!["read".into(), "statx".into()]));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let names: Vec<String> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect();
        if names.iter().any(|name| name == "all") {
            Emulate::All
        } else if names.is_empty() {
            Emulate::Nothing
        } else {
            Emulate::Named(names)
        }
    }

    /// Whether the operation of this name is to be emulated.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Emulate::Nothing => false,
            Emulate::All => true,
            Emulate::Named(names) => names.iter().any(|one| one == name),
        }
    }
}

/// What the environment says of faults, and where to log them.
#[cfg(feature = "faults")]
#[expect(clippy::disallowed_methods, reason = "the one place where this crate reads the environment")]
pub(crate) fn faults_asked() -> (String, Option<std::ffi::OsString>) {
    (std::env::var("URING_EXT_FAULTS").unwrap_or_default(), std::env::var_os("URING_EXT_FAULTS_LOG"))
}

/// What the kernel said.
#[derive(Debug)]
pub(crate) struct Offer {
    opcodes: [bool; 256],
    /// Why there is no ring, if there is none.
    pub(crate) refused: Option<i32>,
}

impl Offer {
    pub(crate) fn has(&self, opcode: u8) -> bool {
        self.opcodes[usize::from(opcode)]
    }

    /// Opening into a slot came with Linux 5.15, as mkdirat did, and cannot be asked for by itself.
    pub(crate) fn has_slots(&self) -> bool {
        self.has(opcode::MkDirAt::CODE)
    }
}

/// What the kernel offers, asked when first needed.
pub(crate) fn offer() -> &'static Offer {
    static OFFER: OnceLock<Offer> = OnceLock::new();
    OFFER.get_or_init(|| match ask() {
        Ok(opcodes) => Offer { opcodes, refused: None },
        Err(error) => Offer { opcodes: [false; 256], refused: error.raw_os_error().or(Some(libc::ENOSYS)) },
    })
}

fn ask() -> io::Result<[bool; 256]> {
    let ring = set_up(8)?;
    let mut probe = Probe::new();
    ring.submitter().register_probe(&mut probe)?;
    Ok(std::array::from_fn(|code| u8::try_from(code).is_ok_and(|code| probe.is_supported(code))))
}

/// Turns one of the kernel's newer set-up options on.
type TurnOn = fn(&mut Builder) -> &mut Builder;

/// Oldest first, so that an old kernel takes a prefix of them.
const OPTIONS: [(&str, TurnOn); 5] = [
    ("submit_all", |builder| builder.setup_submit_all()),
    ("coop_taskrun", |builder| builder.setup_coop_taskrun().setup_taskrun_flag()),
    ("single_issuer", |builder| builder.setup_single_issuer()),
    ("defer_taskrun", |builder| builder.setup_defer_taskrun()),
    ("no_sqarray", |builder| builder.setup_no_sqarray()),
];

/// How many of [`OPTIONS`] this kernel takes, as far as is known.
static OPTIONS_TAKEN: AtomicUsize = AtomicUsize::new(OPTIONS.len());

/// The names of the set-up options in use.
pub(crate) fn options() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().take(OPTIONS_TAKEN.load(Ordering::Relaxed)).map(|(name, _)| *name)
}

/// A ring of `entries`, with every option that the kernel takes.
pub(crate) fn set_up(entries: u32) -> io::Result<IoUring> {
    let mut taken = OPTIONS_TAKEN.load(Ordering::Relaxed);
    loop {
        let mut builder = IoUring::builder();
        builder.setup_clamp();
        for (_, turn_on) in OPTIONS.iter().take(taken) {
            // The builder comes back; refusals show when the ring is made.
            let _ = turn_on(&mut builder);
        }
        match builder.build(entries) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) && taken > 0 => taken -= 1,
            answer => {
                OPTIONS_TAKEN.fetch_min(taken, Ordering::Relaxed);
                return answer;
            }
        }
    }
}
