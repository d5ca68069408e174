//! The programs that are compared, and how each is told to do a row's work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::Settings;
use crate::rows::{Row, Start};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Program {
    Ours,
    /// Ours, held to the ring.
    Ring,
    /// Ours, without a ring.
    Syscalls,
    Rsync,
    Cp,
    /// benches/floor.c: only the system calls that the result needs, on two plain threads.
    Floor,
    /// Another program that copies a tree.
    Rival(&'static Rival),
}

/// A program that is started by a shell; `{source}` and `{destination}` in its command stand for the trees.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    pub(crate) command: &'static str,
    /// What says its version, on any stream.
    pub(crate) version: &'static str,
}

/// Those with a name of their own, told to keep what they can of modes, owners, times and links.
pub(crate) static RIVALS: [Rival; 5] = [
    Rival {
        name: "tar",
        command: "mkdir -p {destination} && tar -C {source} -cf - . | tar -C {destination} -xpf -",
        version: "tar --version",
    },
    Rival { name: "fpsync", command: "fpsync -n 2 -f 2000 {source}/ {destination}/", version: "fpsync -h" },
    Rival {
        name: "rclone",
        command: "rclone copy --links --metadata --transfers 16 --checkers 16 {source} {destination}",
        version: "rclone version",
    },
    Rival { name: "xcp", command: "xcp -r {source} {destination}", version: "xcp --version" },
    Rival { name: "rcp", command: "rcp --preserve {source} {destination}", version: "rcp --version" },
];

impl Program {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ours, Self::Ring, Self::Syscalls, Self::Rsync, Self::Cp, Self::Floor];
    /// Those that run unless others are named.
    pub(crate) const USUAL: [Self; 4] = [Self::Ours, Self::Rsync, Self::Cp, Self::Floor];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Ring => "ring",
            Self::Syscalls => "syscalls",
            Self::Rsync => "rsync",
            Self::Cp => "cp",
            Self::Floor => "floor",
            Self::Rival(rival) => rival.name,
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        let rivals = RIVALS.iter().map(Self::Rival);
        Self::ALL.into_iter().chain(rivals).find(|program| program.name() == name)
    }

    /// What holds ours to one engine.
    fn engine(self) -> Option<&'static str> {
        match self {
            Self::Ring => Some("--io=ring"),
            Self::Syscalls => Some("--io=syscalls"),
            Self::Ours | Self::Rsync | Self::Cp | Self::Floor | Self::Rival(_) => None,
        }
    }

    /// Whether the program can do a row's work at all.
    pub(crate) fn does(self, row: &Row) -> bool {
        match self {
            Self::Ours | Self::Ring | Self::Syscalls | Self::Rsync => true,
            Self::Cp | Self::Rival(_) => row.start == Start::Absent,
            Self::Floor => row.floor.is_some(),
        }
    }
}

/// Where the programs are.
pub(crate) struct Tools {
    subject: PathBuf,
    subject_args: Vec<OsString>,
    rsync: PathBuf,
    floor: PathBuf,
}

/// The trees that one run works on.
pub(crate) struct Places {
    pub(crate) source: PathBuf,
    pub(crate) destination: PathBuf,
    pub(crate) previous: PathBuf,
}

impl Tools {
    /// Finds them all, and compiles the floor.
    pub(crate) fn find(settings: &Settings) -> Result<Self, String> {
        let tools = Self {
            subject: settings.subject.clone(),
            subject_args: settings.subject_args.iter().map(OsString::from).collect(),
            rsync: settings.rsync.clone(),
            floor: compile_floor()?,
        };
        for program in &settings.programs {
            tools.version(*program)?;
        }
        Ok(tools)
    }

    fn path(&self, program: Program) -> &Path {
        match program {
            Program::Ours | Program::Ring | Program::Syscalls => &self.subject,
            Program::Rsync => &self.rsync,
            Program::Cp => Path::new("cp"),
            Program::Floor => &self.floor,
            Program::Rival(_) => Path::new("sh"),
        }
    }

    /// Who answers to the name of a program. Also brings it and its libraries into the page cache.
    pub(crate) fn version(&self, program: Program) -> Result<String, String> {
        let path = self.path(program);
        let mut command = Command::new(path);
        match program {
            Program::Rival(rival) => command.args(["-c", rival.version]),
            _ => command.arg("--version"),
        };
        let output = command.output().map_err(|error| format!("cannot start {}: {error}", path.display()))?;
        if output.status.code() == Some(127) {
            return Err(format!("{} is not installed", program.name()));
        }
        let text = [output.stdout, output.stderr].concat();
        Ok(version_line(&String::from_utf8_lossy(&text)).unwrap_or_else(|| program.name().to_owned()))
    }

    /// The command for one run of a row.
    pub(crate) fn command(&self, program: Program, row: &Row, places: &Places) -> Vec<OsString> {
        if let Program::Rival(rival) = program {
            let command = rival.command.replace("{source}", &places.source.display().to_string());
            let command = command.replace("{destination}", &places.destination.display().to_string());
            return vec!["sh".into(), "-c".into(), command.into()];
        }
        let mut words = vec![self.path(program).into()];
        match program {
            Program::Ours | Program::Ring | Program::Syscalls => {
                words.extend(self.subject_args.iter().cloned());
                words.extend(program.engine().map(OsString::from));
            }
            Program::Rsync | Program::Rival(_) => {}
            Program::Cp => words.push("-a".into()),
            Program::Floor => words.extend(row.floor.into_iter().flatten().map(OsString::from)),
        }
        let like_rsync = !matches!(program, Program::Cp | Program::Floor);
        if like_rsync {
            words.extend(row.options.iter().map(OsString::from));
            if row.start == Start::LinkDest {
                words.push(joined("--link-dest=", &places.previous, ""));
            }
            words.push(joined("", &places.source, "/"));
            words.push(joined("", &places.destination, "/"));
        } else {
            words.push(places.source.clone().into());
            words.push(places.destination.clone().into());
        }
        words
    }
}

/// Name and version of what `--version` told: ours says whose place it takes first.
fn version_line(text: &str) -> Option<String> {
    let ours = text.lines().find_map(|line| line.find("io-uring-sync ").map(|at| &line[at..]));
    let line = ours.or_else(|| text.lines().find(|line| line.contains(|c: char| c.is_ascii_digit())))?;
    let line = line.split([',', ';']).next()?;
    let line = line.split(" protocol").next()?.split(" - ").next()?;
    Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn joined(before: &str, path: &Path, after: &str) -> OsString {
    let mut word = OsString::from(before);
    word.push(path);
    word.push(after);
    word
}

fn compile_floor() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor.c");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("floor");
    let built = Command::new("cc").args(["-O2", "-o"]).arg(&target).arg(source).arg("-lpthread").status();
    match built {
        Ok(status) if status.success() => Ok(target),
        Ok(status) => Err(format!("cc could not compile benches/floor.c ({status})")),
        Err(error) => Err(format!("benches/floor.c needs a C compiler: {error}")),
    }
}
