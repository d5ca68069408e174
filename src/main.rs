//! Arguments to options to plan to run to exit status: the only reader of argv, environment and terminal.
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "this is the one reader of argv and environment")]

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use io_uring_sync::batch::{self, begin::Script};
use io_uring_sync::control;
use io_uring_sync::delegate::{self, Delegate};
use io_uring_sync::doctor;
use io_uring_sync::facts::Facts;
use io_uring_sync::failure::Fatal;
use io_uring_sync::operands::resolve::Resolver;
use io_uring_sync::report::{self, Reporter};
use io_uring_sync::setup::{self, Lists};
use io_uring_sync::whole_files::read_file;
use rsync_compat::exit::Exit;
use rsync_compat::options::error::UsageError;
use rsync_compat::options::help::CalledAs;
use rsync_compat::options::refused;
use rsync_compat::options::resolve::{self, Resolved, Variables};
use rsync_compat::options::{Batch, Options, resolve::Facts as OptionFacts};
use rsync_compat::output::number::Numerals;
use rsync_compat::output::quote::EightBit;
use uring_ext::{charset, plain, process, signals};

fn main() -> ExitCode {
    let started = Instant::now();
    // A closed pipe is an error like any other, and ends the run with a message.
    let _ = signals::ignore(signals::SIGPIPE);
    // So is a file that grows past the limit of the process.
    let _ = signals::ignore(signals::SIGXFSZ);
    process::spare_addresses();
    let mut args = env::args_os();
    let arg0 = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    let argv: Vec<Vec<u8>> = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
    let option_facts = option_facts(&arg0);
    let resolved = resolve::read(&argv, &option_facts);
    if let Some(code) = refused_before(&argv, &option_facts, &resolved) {
        return ExitCode::from(code);
    }
    match resolved {
        Ok(Resolved::Print(text)) => {
            report::print(&text);
            ExitCode::SUCCESS
        }
        Ok(Resolved::Doctor(resolver)) => {
            report::print(&report::diagnosis(&doctor::examine(&resolver)));
            ExitCode::SUCCESS
        }
        Ok(Resolved::Remote) => hand_over(&args),
        Ok(Resolved::Run(options)) => ExitCode::from(copy(*options, started)),
        Ok(Resolved::Refused(options, error)) => match begun(*options, &error) {
            Ok(()) => refuse(&refused::understood(&argv, &option_facts), &error),
            Err(code) => ExitCode::from(code),
        },
        Err(error) => refuse(&refused::understood(&argv, &option_facts), &error),
    }
}

fn refuse(options: &Options, error: &UsageError) -> ExitCode {
    let eight_bit = if options.output.eight_bit { EightBit::Keep } else { EightBit::Escape };
    report::complain(&error.text(), &charset::of_locale(), eight_bit);
    report::log_refused(&Resolver::new(options), options, &refused::logged(error));
    ExitCode::from(error.exit.code())
}

/// The batch of a command line that is refused; the exit status when that fails.
fn begun(options: Options, error: &UsageError) -> Result<(), u8> {
    let facts = facts(process::set_umask(0));
    let resolver = Resolver::new(&options);
    let report = Reporter::new(report::Settings::new(&options, &report_facts(&facts)), &resolver);
    // What is wrong with the command line is noticed before the script is written, unlike what the sides disagree on.
    let text = if error.exit == Exit::Syntax { Script::Empty } else { Script::Written };
    setup::begin_in_vain(options, &facts, &resolver, text).map_err(|fatal| report.refused(&fatal))
}

/// Rules that cannot be read are told before what comes after them.
fn refused_before(
    argv: &[Vec<u8>],
    option_facts: &OptionFacts,
    resolved: &Result<Resolved, UsageError>,
) -> Option<u8> {
    let lists = match resolved {
        Ok(Resolved::Print(_)) => Lists::Unread,
        Err(error) if refused::names_nothing(argv, option_facts, error) => Lists::Read,
        Err(_) => Lists::Unread,
        Ok(_) => return None,
    };
    let options = refused::understood(argv, option_facts);
    let facts = facts(0);
    let resolver = Resolver::new(&options);
    let fatal = setup::found_before(options.clone(), &facts, &resolver, lists)?;
    let report = Reporter::new(report::Settings::new(&options, &report_facts(&facts)), &resolver);
    Some(report.refused(&fatal))
}

fn copy(mut options: Options, started: Instant) -> u8 {
    // Should that fail, signals do what they do by default, until they are watched.
    let _ = control::end_on_signals();
    let facts = facts(process::set_umask(0));
    let resolver = Arc::new(Resolver::new(&options));
    let before = before_batch(&options, &facts, &resolver);
    let batch = before.and_then(|()| batch::begin::open(&mut options, &facts, &resolver));
    let report = Reporter::new(report::Settings::new(&options, &report_facts(&facts)), &resolver);
    let prepared = batch.and_then(|batch| {
        report.matched(&batch::begin::matched(&options, &batch));
        batch::begin::check(&options, &batch)?;
        Ok((options, batch))
    });
    let prepared = prepared.and_then(|(options, batch)| setup::prepare(options, &facts, &resolver, batch));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(fatal) => {
            resolver.take_refusals().iter().for_each(|line| report.warning(line));
            report.opening_before(&fatal);
            report.operands_told();
            return report.refused(&fatal);
        }
    };
    control::run(prepared, report, started)
}

/// What is found before a batch is opened that is to be replayed.
fn before_batch(options: &Options, facts: &Facts, resolver: &Resolver) -> Result<(), Fatal> {
    let reads = matches!(options.batch, Batch::Read(_));
    let found = reads.then(|| setup::found_before(options.clone(), facts, resolver, Lists::Read)).flatten();
    found.map_or(Ok(()), Err)
}

fn facts(umask: u32) -> Facts {
    let cwd = env::current_dir();
    Facts {
        cwd_errno: cwd.as_ref().err().map(|error| error.raw_os_error().unwrap_or_default()),
        cwd: cwd.map(|dir| dir.into_os_string().into_vec()).unwrap_or_default(),
        home: variable("HOME"),
        cvsignore: variable("CVSIGNORE"),
        umask,
    }
}

fn report_facts(facts: &Facts) -> report::Facts {
    report::Facts {
        cwd: facts.cwd.clone(),
        pid: std::process::id(),
        charset: charset::of_locale(),
        terminal: report::to_terminal(),
        error_terminal: report::complains_to_terminal(),
        log_filter: env::var_os("IO_URING_SYNC_LOG").map(OsString::into_vec),
        umask: facts.umask,
    }
}

fn variable(name: &str) -> Option<Vec<u8>> {
    env::var_os(name).map(OsString::into_vec)
}

fn option_facts(arg0: &OsString) -> OptionFacts {
    let home = env::var_os("HOME").map(OsString::into_vec).unwrap_or_default();
    let files = [b"/etc/popt".to_vec(), [home.as_slice(), b"/.popt"].concat()];
    let resolver = Resolver::trusting();
    let read = |path: &Vec<u8>| read_file(&resolver, plain::CWD, path).ok();
    OptionFacts {
        posixly_correct: env::var_os("POSIXLY_CORRECT").is_some(),
        popt_files: files.iter().filter_map(read).collect(),
        variables: Variables {
            partial_dir: variable("RSYNC_PARTIAL_DIR"),
            max_alloc: variable("RSYNC_MAX_ALLOC"),
            old_args: variable("RSYNC_OLD_ARGS"),
            checksum_list: variable("RSYNC_CHECKSUM_LIST"),
            compress_list: variable("RSYNC_COMPRESS_LIST"),
            iconv: variable("RSYNC_ICONV"),
        },
        numerals: Numerals::of_point(&charset::decimal_point()),
        program: arg0.as_bytes().to_vec(),
        called_as: if delegate::base_name(arg0) == b"rsync" { CalledAs::Rsync } else { CalledAs::Own },
    }
}

fn hand_over(args: &[OsString]) -> ExitCode {
    let never = env::var_os("IO_URING_SYNC_DELEGATE").is_some_and(|value| value == "never");
    let allowed = if never { Delegate::Never } else { Delegate::Allowed };
    let path = env::var_os("PATH").map(OsString::into_vec);
    let passed = variable(delegate::PASSED);
    let message = delegate::hand_over(allowed, path.as_deref(), passed.as_deref(), args);
    report::complain(
        &[b"rsync: ", message.as_slice(), b"\n"].concat(),
        &charset::of_locale(),
        EightBit::Escape,
    );
    ExitCode::from(Exit::Unsupported.code())
}
